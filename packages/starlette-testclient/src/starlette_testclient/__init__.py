"""A test client for ASGI applications, synchronous and asynchronous."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .testclient import (
        TestClient,
        WebSocketDenialResponse,
        WebSocketTestSession,
    )

__all__ = [
    "TestClient",
    "WebSocketDenialResponse",
    "WebSocketTestSession",
]

_MODULES = {
    "TestClient": ".testclient",
    "WebSocketDenialResponse": ".testclient",
    "WebSocketTestSession": ".testclient",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
