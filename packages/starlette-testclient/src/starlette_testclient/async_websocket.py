"""The websocket session of the asynchronous client."""

# ruff: noqa: ASYNC109  (the methods take what the synchronous session's take)

from typing import Any, Self

import anyio

from starlette_http.types import ASGIApp, Message, Scope

from .conversation import (
    Conversation,
    Hangup,
    Item,
    Transcript,
    bytes_message,
    bytes_of,
    disconnect,
    json_message,
    json_of,
    text_message,
    text_of,
)
from .mailbox import Mailbox
from .tasks import Tasks
from .timeouts import time_limit

__all__ = ["AsyncWebSocketTestSession"]


class AsyncWebSocketTestSession:
    """`WebSocketTestSession` for `async with`: the same methods, to be awaited.

    The application runs in a task of the test's own loop.
    """

    def __init__(self, app: ASGIApp, scope: Scope, tasks: Tasks, timeout: float | None) -> None:
        self.app = app
        self.scope = scope
        self.accepted_subprotocol: str | None = None
        self.extra_headers: list[tuple[bytes, bytes]] | None = None
        self.timeout = timeout
        self._tasks = tasks
        self._inbox: Mailbox[Item] = Mailbox()
        self._transcript = Transcript()
        self._conversation: Conversation | None = None

    async def __aenter__(self) -> Self:
        self._conversation = Conversation(self.app, self.scope, self._inbox)
        self._tasks.spawn(self._conversation.run)
        try:
            self._transcript.open(await self._frame(None, "accept the websocket"))
        except BaseException:
            await self._conclude()
            raise
        self.accepted_subprotocol = self._transcript.accept.get("subprotocol")
        self.extra_headers = self._transcript.accept.get("headers")
        return self

    async def __aexit__(self, *args: object) -> None:
        await self._conclude()

    async def send(self, message: Message) -> None:
        """Send a raw ASGI message to the application."""
        self._connected().inbox.put(message)

    async def send_text(self, data: str) -> None:
        """Send a text frame."""
        await self.send(text_message(data))

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        await self.send(bytes_message(data))

    async def send_json(self, data: Any, mode: str = "text") -> None:
        """Send JSON in a text frame, or with any other `mode` than "text" in a binary one."""
        await self.send(json_message(data, mode))

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Tell the application that the client is gone; the session goes on."""
        await self.send(disconnect(code, reason))

    async def receive(self, timeout: float | None = None) -> Message:
        """The next raw message of the application, its close among them.

        `timeout` is in seconds, by default that of the session. When the application has ended,
        what it raised is raised, or else `WebSocketDisconnect`.
        """
        return await self._receive(timeout, "send a message")

    async def receive_text(self, timeout: float | None = None) -> str:
        """The next text frame; `WebSocketDisconnect` at the end, KeyError for a binary frame."""
        return text_of(await self._frame(timeout, "send text"))

    async def receive_bytes(self, timeout: float | None = None) -> bytes:
        """The next binary frame; `WebSocketDisconnect` at the end, KeyError for a text frame."""
        return bytes_of(await self._frame(timeout, "send bytes"))

    async def receive_json(self, mode: str = "text", timeout: float | None = None) -> Any:
        """JSON from the next text frame, or with any other `mode` from the next binary one."""
        return json_of(await self._frame(timeout, "send JSON"), mode)

    async def _frame(self, timeout: float | None, awaited: str) -> Message:
        message = None
        while message is None:
            message = self._transcript.frame(await self._receive(timeout, awaited))
        return message

    async def _receive(self, timeout: float | None, awaited: str) -> Message:
        self._connected()
        limit = self.timeout if timeout is None else timeout
        with time_limit(limit, lambda: f"{awaited} (websocket {self.scope['path']})"):
            item = await self._inbox.receive()
        if isinstance(item, Hangup):
            self._inbox.put(item)  # the end is never used up
        return self._transcript.message(item)

    def _connected(self) -> Conversation:
        if self._conversation is None:
            raise RuntimeError(
                "The websocket session is not connected: use it inside `async with`."
            )
        return self._conversation

    async def _conclude(self) -> None:
        # Shielded: also a test that is cancelled must leave no application behind.
        with anyio.CancelScope(shield=True):
            if self._transcript.hangup is None:
                await self._connected().hang_up()
            await self._wait_for_end()
        if self._transcript.hangup is not None and self._transcript.hangup.error is not None:
            raise self._transcript.hangup.error

    async def _wait_for_end(self) -> None:
        item = await self._inbox.receive()
        while not isinstance(item, Hangup):
            item = await self._inbox.receive()
        self._inbox.put(item)
        self._transcript.hangup = item
