"""The websocket session of the synchronous client."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from functools import partial
from typing import Any, Self

from anyio.from_thread import BlockingPortal

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
from .mailbox import ThreadMailbox
from .portal import BorrowedLoop, ForeignLoop, Host, LoopThread, Work
from .timeouts import WaitTimeout

__all__ = ["WebSocketTestSession"]


class WebSocketTestSession:
    """A websocket connection to an application, used inside `with`.

    Entering it connects: it raises `WebSocketDisconnect` or `WebSocketDenialResponse` when the
    application refuses, and what the application raises. Leaving closes with code 1000, ends the
    application and raises what it raised.

    `timeout` limits each wait for the application, in seconds; None, the default, is for ever.
    """

    exit_stack: ExitStack
    _host: Host | ForeignLoop

    def __init__(
        self,
        app: ASGIApp,
        scope: Scope,
        portal_factory: Callable[[], AbstractContextManager[BlockingPortal]],
    ) -> None:
        self.app = app
        self.scope = scope
        self.portal_factory = portal_factory
        self.accepted_subprotocol: str | None = None
        self.extra_headers: list[tuple[bytes, bytes]] | None = None
        self.timeout: float | None = None
        self._inbox: ThreadMailbox[Item] = ThreadMailbox()
        self._transcript = Transcript()
        self._conversation: Conversation | None = None

    def __enter__(self) -> Self:
        conversation = Conversation(self.app, self.scope, self._inbox)
        made = self.portal_factory()
        host = made if isinstance(made, LoopThread | BorrowedLoop) else ForeignLoop(made)
        self._host = host
        host.spawn(conversation.run, partial(self._inbox.put, Hangup(None)))
        self._conversation = conversation
        with ExitStack() as stack:
            # Nothing here may refer to the session: one that is dropped ends its loop.
            stack.callback(_conclude, host, conversation.hang_up, self._inbox, self._transcript)
            self._transcript.open(self._frame(None, "accept the websocket"))
            self.exit_stack = stack.pop_all()
        self.accepted_subprotocol = self._transcript.accept.get("subprotocol")
        self.extra_headers = self._transcript.accept.get("headers")
        return self

    def __exit__(self, *args: object) -> None:
        self.exit_stack.close()

    @property
    def portal(self) -> BlockingPortal:
        """The anyio portal to the application's loop, inside `with`."""
        return self._host.portal

    def __del__(self) -> None:
        if self._conversation is not None and self._transcript.hangup is None:
            with suppress(RuntimeError):  # the loop has ended
                self._conversation.post(self._conversation.cancel)

    def send(self, message: Message) -> None:
        """Send a raw ASGI message to the application."""
        conversation = self._connected()
        if self._transcript.hangup is None:
            conversation.post(conversation.inbox.put, message)

    def send_text(self, data: str) -> None:
        """Send a text frame."""
        self.send(text_message(data))

    def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        self.send(bytes_message(data))

    def send_json(self, data: Any, mode: str = "text") -> None:
        """Send JSON in a text frame, or with any other `mode` than "text" in a binary one."""
        self.send(json_message(data, mode))

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Tell the application that the client is gone; the session goes on."""
        self.send(disconnect(code, reason))

    def receive(self, timeout: float | None = None) -> Message:
        """The next raw message of the application, its close among them.

        `timeout` is in seconds, by default that of the session. When the application has ended,
        what it raised is raised, or else `WebSocketDisconnect`.
        """
        return self._receive(timeout, "send a message")

    def receive_text(self, timeout: float | None = None) -> str:
        """The next text frame; `WebSocketDisconnect` at the end, KeyError for a binary frame."""
        return text_of(self._frame(timeout, "send text"))

    def receive_bytes(self, timeout: float | None = None) -> bytes:
        """The next binary frame; `WebSocketDisconnect` at the end, KeyError for a text frame."""
        return bytes_of(self._frame(timeout, "send bytes"))

    def receive_json(self, mode: str = "text", timeout: float | None = None) -> Any:
        """JSON from the next text frame, or with any other `mode` from the next binary one."""
        return json_of(self._frame(timeout, "send JSON"), mode)

    def abort(self) -> None:
        """End the application, whatever becomes of it."""
        if self._conversation is not None and self._transcript.hangup is None:
            with suppress(Exception):
                self.exit_stack.close()

    def _frame(self, timeout: float | None, awaited: str) -> Message:
        message = None
        while message is None:
            message = self._transcript.frame(self._receive(timeout, awaited))
        return message

    def _receive(self, timeout: float | None, awaited: str) -> Message:
        self._connected()
        limit = self.timeout if timeout is None else timeout
        try:
            item = self._inbox.take(limit)
        except TimeoutError:
            raise WaitTimeout(limit, f"{awaited} (websocket {self.scope['path']})") from None
        if isinstance(item, Hangup):
            self._inbox.put(item)  # the end is never used up
        return self._transcript.message(item)

    def _connected(self) -> Conversation:
        if self._conversation is None:
            raise RuntimeError("The websocket session is not connected: use it inside `with`.")
        return self._conversation


def _conclude(
    host: Host | ForeignLoop, hang_up: Work, inbox: ThreadMailbox[Item], transcript: Transcript
) -> None:
    if transcript.hangup is None:
        host.spawn(hang_up)
    host.__exit__(None, None, None)
    item = inbox.take()
    while not isinstance(item, Hangup):
        item = inbox.take()
    inbox.put(item)
    transcript.hangup = item
    if item.error is not None:
        raise item.error
