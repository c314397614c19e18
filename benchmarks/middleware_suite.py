"""One layer of middleware around a raw ASGI application; the control is the application alone."""

import itsdangerous

from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection

from cases import App, Once, Scope, case, drive, http_scope

ORIGIN = (b"origin", b"https://example.org")
SMALL = b"x" * 100
PAGE = b"".join(b"<p>paragraph %d of the page</p>" % number for number in range(700))
LARGE = PAGE * 5


def answering(body: bytes) -> App:
    headers = [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", b"text/html; charset=utf-8"),
    ]

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    return app


async def streaming(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(20):
        await send({"type": "http.response.body", "body": PAGE[:1000], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def reading_session(scope, receive, send):
    HTTPConnection(scope).session.get("user")
    await answering(SMALL)(scope, receive, send)


async def writing_session(scope, receive, send):
    HTTPConnection(scope).session["seen"] = 1
    await answering(SMALL)(scope, receive, send)


def session_cookie() -> tuple[bytes, bytes]:
    value = itsdangerous.TimestampSigner("secret").sign(b"eyJ1c2VyIjogIkdyYWNlIEhvcHBlciJ9")
    return b"cookie", b"theme=dark; session=" + value + b"; _ga=GA1.1.1234567890.1234567890"


def layer(name: str, app: App, make, scope: Scope, answer=None, control=True) -> None:
    """Register a case for the layer that `make(app)` gives, and the same without it."""

    @case(name, answer=answer)
    def with_layer() -> Once:
        return drive(make(app), scope)

    if control:

        @case(name, answer=None, contender="raw")
        def alone() -> Once:
            return drive(app, scope)


def cors(app: App) -> App:
    return CORSMiddleware(app, allow_origins=["https://example.org"], allow_methods=["*"])


def cors_all(app: App) -> App:
    return CORSMiddleware(app, allow_origins=["*"])


def session(app: App) -> App:
    return SessionMiddleware(app, "secret")


def trusted(app: App) -> App:
    return TrustedHostMiddleware(app, ["example.org", "*.example.org"])


PREFLIGHT = http_scope("OPTIONS", headers=[ORIGIN, (b"access-control-request-method", b"PUT")])
COOKIE = http_scope(headers=[session_cookie()])
NO_GZIP = http_scope() | {"headers": [(b"host", b"example.org")]}
SECURE = http_scope() | {"scheme": "https"}

layer("CORS, no Origin", answering(SMALL), cors, http_scope(), (200, 100))
layer("CORS, one origin", answering(SMALL), cors, http_scope(headers=[ORIGIN]), (200, 100))
layer("CORS, all origins", answering(SMALL), cors_all, http_scope(headers=[ORIGIN]), (200, 100))
layer("CORS, preflight", answering(SMALL), cors, PREFLIGHT, (200, 2), control=False)
layer("session, no cookie", answering(SMALL), session, http_scope(), (200, 100))
layer("session, cookie not looked at", answering(SMALL), session, COOKIE, (200, 100))
layer("session, read", reading_session, session, COOKIE, (200, 100), control=False)
layer("session, changed", writing_session, session, COOKIE, (200, 100), control=False)
layer("gzip, 100 B", answering(SMALL), GZipMiddleware, http_scope(), (200, 100))
layer("gzip, 21 KB", answering(PAGE), GZipMiddleware, http_scope())
layer("gzip, 105 KB", answering(LARGE), GZipMiddleware, http_scope())
layer("gzip, 20 chunks of 1 KB", streaming, GZipMiddleware, http_scope())
layer("gzip, client without it", answering(PAGE), GZipMiddleware, NO_GZIP, (200, len(PAGE)))
layer("trusted host", answering(SMALL), trusted, http_scope(), (200, 100))
layer("https redirect, not needed", answering(SMALL), HTTPSRedirectMiddleware, SECURE, (200, 100))
