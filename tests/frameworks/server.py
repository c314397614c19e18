"""Serves one framework's application in a process of its own: `python server.py litestar FD`.

Each middleware is wrapped around the application once; the header `x-layer` of a request chooses
which of them it goes through, "all" for all of them around each other. It listens on the
descriptor that it is given. The module must not import `starlette`, which may be upstream's here.
"""

import importlib.util
import socket
import sys
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any

import uvicorn

from starlette_http.requests import HTTPConnection, Request
from starlette_http.response import Response
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_middleware.auth import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    SimpleUser,
)
from starlette_middleware.authentication import AuthenticationMiddleware
from starlette_middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette_middleware.body_limit import RequestBodyLimitMiddleware
from starlette_middleware.compression import CompressionMiddleware
from starlette_middleware.cors import CORSMiddleware
from starlette_middleware.errors import ServerErrorMiddleware
from starlette_middleware.exceptions import ExceptionMiddleware
from starlette_middleware.gzip import GZipMiddleware
from starlette_middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette_middleware.opentelemetry import OpenTelemetryMiddleware
from starlette_middleware.sessions import SessionMiddleware
from starlette_middleware.trustedhost import TrustedHostMiddleware


class Tokens(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser]:
        token = conn.headers.get("x-token", "nobody")
        if token == "wrong":
            raise AuthenticationError("wrong token")
        return AuthCredentials(), SimpleUser(token)


async def add_header(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    response.headers["X-Base"] = "seen"
    return response


Layer = Callable[[Any], ASGIApp]
LAYERS: dict[str, Layer] = {
    "authentication": lambda app: AuthenticationMiddleware(app, Tokens()),
    "base": lambda app: BaseHTTPMiddleware(app, add_header),
    "body_limit": lambda app: RequestBodyLimitMiddleware(app, 300_000),
    "compression": CompressionMiddleware,
    "cors": lambda app: CORSMiddleware(app, ["https://example.org"], allow_credentials=True),
    "errors": lambda app: ServerErrorMiddleware(app, debug=True),
    "exceptions": ExceptionMiddleware,
    "gzip": GZipMiddleware,
    "httpsredirect": lambda app: HTTPSRedirectMiddleware(app, exclude=["/"]),
    "opentelemetry": OpenTelemetryMiddleware,
    "sessions": lambda app: SessionMiddleware(app, "key"),
    "trustedhost": lambda app: TrustedHostMiddleware(app, ["127.0.0.1"]),
}
# Not among "all", because it lets nothing pass.
REFUSING: dict[str, Layer] = {"redirecting": HTTPSRedirectMiddleware}


def load(framework: str) -> ModuleType:
    """The module of the application. Its name is its own: `apps/django.py` is not `django`."""
    path = Path(__file__).resolve().parent / "apps" / f"{framework}.py"
    name = f"{framework}_application"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def chosen_by_header(app: ASGIApp) -> ASGIApp:
    """All the layers around one application."""
    layered = {name: make(app) for name, make in (LAYERS | REFUSING).items()}
    layered["all"] = reduce(lambda inner, make: make(inner), LAYERS.values(), app)

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        name = dict(scope.get("headers", ())).get(b"x-layer", b"all").decode()
        await layered[name](scope, receive, send)

    return choose


def main() -> None:
    app = chosen_by_header(load(sys.argv[1]).app)
    with socket.socket(fileno=int(sys.argv[2])) as listener:
        config = uvicorn.Config(app, log_level="critical", ws="websockets-sansio")
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
