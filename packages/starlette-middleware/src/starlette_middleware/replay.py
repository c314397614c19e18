"""The request that a dispatch function is given, whose body the application can read as well."""

import anyio

from starlette_http.requests import Request
from starlette_http.types import Message

__all__ = ["_CachedRequest"]


class _CachedRequest(Request):
    """A request that remembers what was read of it, so that `replay` can give it once more.

    What `replay()` gives after `body()` or `json()` is the whole body in one message; after
    `stream()` or `form()` an empty one; after a part of `stream()` the rest; else the messages of
    the server as they are. Behind the body there is only the disconnect.
    """

    _replayed = False
    _answered = False
    # The receives that wait for the server; most requests have none when they are answered.
    _waiting: set[anyio.CancelScope] | None = None

    def answered(self) -> None:
        """The response was sent: whoever waits for a message, or asks later, is disconnected."""
        self._answered = True
        for scope in self._waiting or ():
            scope.cancel()

    async def replay(self) -> Message:
        """The `receive` channel of the application."""
        if not self._replayed:
            if hasattr(self, "_body") or self._stream_consumed:
                self._replayed = True
                body = getattr(self, "_body", b"")
                return {"type": "http.request", "body": body, "more_body": False}
            self._stream_begun = True
        if self._answered or self._is_disconnected:
            return {"type": "http.disconnect"}
        if self._waiting is None:
            self._waiting = set()
        with anyio.CancelScope() as scope:
            self._waiting.add(scope)
            try:
                return self._seen(await self._receive())
            finally:
                self._waiting.discard(scope)
        return {"type": "http.disconnect"}

    def _seen(self, message: Message) -> Message:
        kind = message["type"]
        if kind == "http.disconnect":
            self._is_disconnected = True
        elif self._replayed:
            raise RuntimeError(f"Unexpected message received: {kind}")
        elif kind == "http.request" and not message.get("more_body", False):
            self._replayed = self._stream_consumed = True
        return message
