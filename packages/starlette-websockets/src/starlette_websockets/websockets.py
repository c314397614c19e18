"""WebSocket connections: their states, their exceptions, and the classic session.

async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)
"""

from .classic import Disconnect, WebSocketSession
from .connection import WebSocket, WebSocketClose, WebSocketState
from .exceptions import (
    MalformedJSON,
    MalformedUTF8,
    UnexpectedFrame,
    WebSocketDisconnect,
    WebSocketDisconnected,
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
