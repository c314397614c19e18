"""WebSocket connections and their states for ASGI applications."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .websockets import (
        Disconnect,
        MalformedJSON,
        MalformedUTF8,
        UnexpectedFrame,
        WebSocket,
        WebSocketClose,
        WebSocketDisconnect,
        WebSocketDisconnected,
        WebSocketSession,
        WebSocketState,
    )

__all__ = [
    "Disconnect",
    "MalformedJSON",
    "MalformedUTF8",
    "UnexpectedFrame",
    "WebSocket",
    "WebSocketClose",
    "WebSocketDisconnect",
    "WebSocketDisconnected",
    "WebSocketSession",
    "WebSocketState",
]

_MODULES = {
    "Disconnect": ".websockets",
    "MalformedJSON": ".websockets",
    "MalformedUTF8": ".websockets",
    "UnexpectedFrame": ".websockets",
    "WebSocket": ".websockets",
    "WebSocketClose": ".websockets",
    "WebSocketDisconnect": ".websockets",
    "WebSocketDisconnected": ".websockets",
    "WebSocketSession": ".websockets",
    "WebSocketState": ".websockets",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
