"""Answering a connection with a response, the same way over http and websocket."""

from .types import ASGIApp, Receive, Scope, Send

__all__ = ["refuse"]


async def refuse(response: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Send `response`, in place of the application's.

    A websocket gets it as a denial response if the server offers that ASGI extension, and is
    closed with 1008 (policy violation) otherwise; servers answer such a handshake with 403. One
    that is accepted already, which a `StartWatch` knows, can only be closed.
    """
    deniable = "websocket.http.response" in (scope.get("extensions") or ())
    if scope["type"] == "websocket" and (not deniable or getattr(send, "accepted", False)):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
    else:
        await response(scope, receive, send)
