"""The session of the classic interface: `WebSocketSession(scope, receive=None, send=None)`."""

from starlette_http.requests import StateT, empty_receive, empty_send
from starlette_http.types import Receive, Scope, Send

from .connection import WebSocket
from .exceptions import WebSocketDisconnect

__all__ = ["Disconnect", "WebSocketSession"]

Disconnect = WebSocketDisconnect


class WebSocketSession(WebSocket[StateT]):
    """A `WebSocket` whose channels are optional; using a missing one raises RuntimeError.

    Without channels it is a read-only view of the scope: url, headers, query parameters.
    """

    def __init__(
        self, scope: Scope, receive: Receive | None = None, send: Send | None = None
    ) -> None:
        super().__init__(scope, receive or empty_receive, send or empty_send)
