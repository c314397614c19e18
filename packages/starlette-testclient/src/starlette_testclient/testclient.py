"""The test client. `starlette.testclient` is this module."""

from collections.abc import Awaitable, Callable

from starlette_http.asgi2 import ASGI2App
from starlette_http.types import ASGIApp as ASGI3App, Receive, Send
from starlette_websockets.websockets import WebSocketDisconnect

from .async_client import AsyncTestClient
from .async_websocket import AsyncWebSocketTestSession
from .client import TestClient
from .conversation import WebSocketDenialResponse
from .library import httpx
from .sse import EventSource, ServerSentEvent, SSEError
from .timeouts import WaitTimeout
from .websocket import WebSocketTestSession

__all__ = [
    "ASGI2App",
    "ASGI3App",
    "ASGIInstance",
    "AsyncTestClient",
    "AsyncWebSocketTestSession",
    "EventSource",
    "SSEError",
    "ServerSentEvent",
    "TestClient",
    "WaitTimeout",
    "WebSocketDenialResponse",
    "WebSocketDisconnect",
    "WebSocketTestSession",
    "httpx",
]

ASGIInstance = Callable[[Receive, Send], Awaitable[None]]
