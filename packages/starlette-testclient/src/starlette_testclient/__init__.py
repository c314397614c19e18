"""A test client for ASGI applications, synchronous and asynchronous."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .testclient import (
        AsyncTestClient,
        AsyncWebSocketTestSession,
        EventSource,
        ServerSentEvent,
        SSEError,
        TestClient,
        WaitTimeout,
        WebSocketDenialResponse,
        WebSocketTestSession,
        httpx,
    )

__all__ = [
    "AsyncTestClient",
    "AsyncWebSocketTestSession",
    "EventSource",
    "SSEError",
    "ServerSentEvent",
    "TestClient",
    "WaitTimeout",
    "WebSocketDenialResponse",
    "WebSocketTestSession",
    "httpx",
]

_MODULES = {
    "AsyncTestClient": ".testclient",
    "AsyncWebSocketTestSession": ".testclient",
    "EventSource": ".testclient",
    "SSEError": ".testclient",
    "ServerSentEvent": ".testclient",
    "TestClient": ".testclient",
    "WaitTimeout": ".testclient",
    "WebSocketDenialResponse": ".testclient",
    "WebSocketTestSession": ".testclient",
    "httpx": ".testclient",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
