"""The websocket session of the classic `wsconnect`."""

import json
from typing import Any, Self

from .websocket import WebSocketTestSession

__all__ = ["ClassicSession"]


class ClassicSession(WebSocketTestSession):
    """A session that is connected already; `with` only makes sure of its end.

    Without `with` it ends when it is dropped.
    """

    def __enter__(self) -> Self:
        return super().__enter__() if self._conversation is None else self

    def receive_json(self, mode: str = "text", timeout: float | None = None) -> Any:
        """JSON from the next frame, be it of text or binary."""
        message = self._frame(timeout, "send JSON")
        text = message.get("text")
        return json.loads(message["bytes"] if text is None else text)
