"""What is designed to come along with each package, and what is done with it."""

__all__ = ["DESIGNED", "LACKS", "MISSING", "NEEDS", "OURS", "USES"]

HTTP, WEBSOCKETS, ROUTING = "starlette-http", "starlette-websockets", "starlette-routing"
STATICFILES, MIDDLEWARE = "starlette-staticfiles", "starlette-middleware"
TESTCLIENT, STARLETTE = "starlette-testclient", "starlette"

# The packages of this project that stand under each.
OURS = {
    HTTP: set[str](),
    WEBSOCKETS: {HTTP},
    ROUTING: {HTTP, WEBSOCKETS},
    STATICFILES: {HTTP},
    MIDDLEWARE: {HTTP, WEBSOCKETS},
    TESTCLIENT: {HTTP, WEBSOCKETS},
    STARLETTE: {HTTP, WEBSOCKETS, ROUTING, STATICFILES, MIDDLEWARE, TESTCLIENT},
}

# The distributions of others. anyio asks for idna.
_HTTPX = "anyio certifi h11 httpcore httpx idna"
DESIGNED = {
    HTTP: "anyio idna",
    WEBSOCKETS: "anyio idna",
    ROUTING: "anyio idna",
    STATICFILES: "anyio idna",
    MIDDLEWARE: "anyio idna",
    TESTCLIENT: "anyio idna",
    STARLETTE: "anyio idna",
    f"{HTTP}[forms,templates]": "anyio idna jinja2 markupsafe python-multipart",
    f"{ROUTING}[schemas]": "anyio idna pyyaml",
    f"{MIDDLEWARE}[sessions]": "anyio idna itsdangerous",
    f"{MIDDLEWARE}[brotli,zstd]": "anyio brotli idna zstandard",
    f"{TESTCLIENT}[httpx]": _HTTPX,
    f"{STARLETTE}[full]": (
        f"{_HTTPX} itsdangerous jinja2 markupsafe opentelemetry-api python-multipart pyyaml"
    ),
}

# The extras that modules of the package name when they are imported without them.
_SESSIONS, _TRACES = f"{MIDDLEWARE}[sessions]", f"{MIDDLEWARE}[opentelemetry]"
MISSING = {
    HTTP: f"{HTTP}[templates]",
    WEBSOCKETS: "",
    ROUTING: "",
    STATICFILES: "",
    MIDDLEWARE: f"{_SESSIONS} {_TRACES}",
    TESTCLIENT: f"{TESTCLIENT}[httpx]",
    STARLETTE: f"{HTTP}[templates] {_SESSIONS} {_TRACES} {TESTCLIENT}[httpx]",
    f"{HTTP}[forms,templates]": "",
    f"{ROUTING}[schemas]": "",
    f"{MIDDLEWARE}[sessions]": _TRACES,
    f"{MIDDLEWARE}[brotli,zstd]": f"{_SESSIONS} {_TRACES}",
    f"{TESTCLIENT}[httpx]": "",
    f"{STARLETTE}[full]": "",
}

# The programs of `use/` that run in its environment.
USES = {
    HTTP: "requests",
    WEBSOCKETS: "websockets",
    ROUTING: "routing",
    STATICFILES: "staticfiles",
    MIDDLEWARE: "middleware",
    TESTCLIENT: "",
    STARLETTE: "application requests websockets routing staticfiles middleware",
    f"{HTTP}[forms,templates]": "requests forms templates",
    f"{ROUTING}[schemas]": "routing schemas",
    f"{MIDDLEWARE}[sessions]": "middleware sessions",
    f"{MIDDLEWARE}[brotli,zstd]": "middleware compression",
    f"{TESTCLIENT}[httpx]": "testclient",
    f"{STARLETTE}[full]": "application forms templates schemas sessions testclient full",
}

# Those that need an extra, and how an environment without it says so.
NEEDS = {
    "forms": f"{HTTP}[forms]",
    "templates": f"{HTTP}[templates]",
    "schemas": f"{ROUTING}[schemas]",
    "sessions": f"{MIDDLEWARE}[sessions]",
    "compression": f"{MIDDLEWARE}[brotli]",
    "testclient": f"{TESTCLIENT}[httpx]",
}
LACKS = {
    HTTP: "forms templates",
    ROUTING: "schemas",
    MIDDLEWARE: "sessions compression",
    TESTCLIENT: "testclient",
    STARLETTE: "forms templates schemas sessions compression testclient",
}
