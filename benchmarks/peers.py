"""The same small application in the frameworks that people choose between; `raw` is the limit.

Each answers a text, 300 B of JSON, a form and a stream; with 1,000 more routes, of which the last
is asked for; and behind five plain ASGI middleware. They run as ASGI applications in one process:
servers, event loops and parsers stay outside. Every framework is given its own way to write an
endpoint; none is given a cache, a validation or a schema. `frameworks/` has a module for each.
"""

import importlib
from functools import partial
from typing import Any

from cases import Once, case, drive, http_scope
from frameworks.answers import MEBIBYTE, TABLE, Layer

FRAMEWORKS = (
    "starlette",
    "raw",
    "fastapi",
    "baize",
    "blacksheep",
    "falcon",
    "lilya",
    "litestar",
    "quart",
    "sanic",
)
FIELDS = 1_000
FORM = b"&".join(b"field_%d=value+%d" % (n, n) for n in range(FIELDS))
POST = partial(
    http_scope,
    "POST",
    headers=[
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"content-length", b"%d" % len(FORM)),
    ],
)
# name -> (the routes and layers of the application, scope, body, answer)
REQUESTS: dict[str, tuple[dict[str, Any], Any, bytes, Any]] = {
    "GET / -> text": ({}, http_scope(), b"", (200, 13)),
    "GET /users/{id} -> 300 B JSON": ({}, http_scope(path="/users/42"), b"", (200, None)),
    "the last of 1,000 routes": ({"table": TABLE}, http_scope(path=TABLE[-1]), b"", (200, 13)),
    "five plain ASGI middleware": ({"layers": (Layer,) * 5}, http_scope(), b"", (200, 13)),
    "POST a form of 1,000 fields": ({}, POST(path="/form"), FORM, (200, 4)),
    "stream of 1 MiB in 1 KiB": ({}, http_scope(path="/stream/small"), b"", (200, MEBIBYTE)),
    "stream of 1 MiB in 64 KiB": ({}, http_scope(path="/stream/large"), b"", (200, MEBIBYTE)),
}
_applications: dict[str, Any] = {}


async def application(framework: str, **options: Any) -> Any:
    """The framework's application, made once for all cases that ask for the same."""
    key = f"{framework} {options}"
    if key not in _applications:
        module = importlib.import_module(f"frameworks.{framework}")
        _applications[key] = await module.application(**options)
    return _applications[key]


def register(name: str, framework: str) -> None:
    options, scope, body, answer = REQUESTS[name]

    @case(name, answer=answer, contender=framework)
    async def request() -> Once:
        return drive(await application(framework, **options), scope, body)


for request_name in REQUESTS:
    for contender_name in FRAMEWORKS:
        register(request_name, contender_name)
