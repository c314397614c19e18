"""The test client: `starlette.testclient` is this module."""

from collections.abc import Awaitable, Callable

from starlette_http.asgi2 import ASGI2App
from starlette_http.types import ASGIApp as ASGI3App, Receive, Send

from .client import TestClient
from .library import httpx
from .timeouts import WaitTimeout
from .websocket import WebSocketDenialResponse, WebSocketTestSession

__all__ = [
    "ASGI2App",
    "ASGI3App",
    "ASGIInstance",
    "TestClient",
    "WaitTimeout",
    "WebSocketDenialResponse",
    "WebSocketTestSession",
    "httpx",
]

ASGIInstance = Callable[[Receive, Send], Awaitable[None]]
