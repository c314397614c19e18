"""Websocket sessions: the application's side, what the test reads, and the synchronous session."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, NamedTuple, Protocol, Self
from weakref import finalize

import anyio
import anyio.lowlevel
from anyio.from_thread import BlockingPortal

from starlette_http.types import ASGIApp, Message, Scope
from starlette_websockets.websockets import WebSocketDisconnect

from .library import httpx
from .mailbox import Mailbox, Post, ThreadMailbox, current_post
from .timeouts import WaitTimeout

__all__ = [
    "Conversation",
    "Hangup",
    "Transcript",
    "WebSocketDenialResponse",
    "WebSocketTestSession",
]

# How often a closing session lets the application's loop turn before it cancels the application:
# enough for a handler of the disconnect that does not wait for anything outside.
_TURNS_TO_LEAVE = 10


class WebSocketDenialResponse(httpx.Response, WebSocketDisconnect):
    """The HTTP response with which an application refused a websocket; an exception as well."""


class Hangup(NamedTuple):
    """The application is over; `error` is what it raised."""

    error: BaseException | None


class Outbox(Protocol):
    """Where the application's messages go."""

    @property
    def put(self) -> Callable[[Message | Hangup], None]: ...


class Conversation:
    """One websocket connection as the application sees it; lives in the application's loop."""

    post: Post

    def __init__(self, app: ASGIApp, scope: Scope, outbox: Outbox) -> None:
        self.inbox: Mailbox[Message] = Mailbox()
        self.inbox.put({"type": "websocket.connect"})
        self._app = app
        self._scope = scope
        self._outbox = outbox
        self._ended = False
        self._cancel_scope: anyio.CancelScope | None = None

    async def run(self) -> None:
        """Run the application until it ends or is cancelled."""
        self.post = current_post()
        error: BaseException | None = None
        try:
            with anyio.CancelScope() as self._cancel_scope:
                await self._app(self._scope, self.inbox.receive, self.send)
        except anyio.get_cancelled_exc_class():
            raise
        except BaseException as exc:
            error = exc
        finally:
            self._ended = True
            self._outbox.put(Hangup(error))

    async def send(self, message: Message) -> None:
        """The application's `send`."""
        self._outbox.put(message)

    async def hang_up(self) -> None:
        """Say that the client is gone, and cancel an application that does not end on that."""
        self.inbox.put(disconnect(1000, None))
        for _ in range(_TURNS_TO_LEAVE):
            if self._ended:
                return
            await anyio.lowlevel.checkpoint()
        self.cancel()

    def cancel(self) -> None:
        """Cancel the application; called in its loop."""
        if self._cancel_scope is not None:
            self._cancel_scope.cancel()


class Transcript:
    """What the test has read from the application so far."""

    def __init__(self) -> None:
        self.hangup: Hangup | None = None
        self._closed: WebSocketDisconnect | None = None
        self._denial: Message | None = None
        self._content = b""

    def message(self, item: Message | Hangup) -> Message:
        """`item` if it is a message; at the application's end raises what the end means."""
        if not isinstance(item, Hangup):
            return item
        self.hangup = item
        if item.error is not None:
            raise item.error
        if self._denial is not None:
            raise self._denied(self._denial)
        raise self._closed or WebSocketDisconnect(1006, "The application returned.")

    def frame(self, message: Message) -> Message | None:
        """`message` unless it ends the connection, which raises; None if more must be read."""
        if message["type"] == "websocket.close":
            self._closed = WebSocketDisconnect(
                message.get("code", 1000), message.get("reason") or ""
            )
            raise self._closed
        if message["type"] == "websocket.http.response.start":
            self._denial = message
            return None
        if message["type"] == "websocket.http.response.body" and self._denial is not None:
            self._content += message.get("body", b"")
            if message.get("more_body", False):
                return None
            raise self._denied(self._denial)
        return message

    def _denied(self, start: Message) -> WebSocketDenialResponse:
        return WebSocketDenialResponse(
            start["status"], headers=list(start.get("headers", ())), content=self._content
        )


def accepted(message: Message) -> Message:
    """`message`, which must be the application's accept."""
    if message["type"] != "websocket.accept":
        raise AssertionError(
            'Expected "websocket.accept", "websocket.close" or "websocket.http.response.start"'
            f" from the application, but it sent {dict(message)!r}."
        )
    return message


def disconnect(code: int, reason: str | None) -> Message:
    """The message that tells the application that the client is gone."""
    return {"type": "websocket.disconnect", "code": code, "reason": reason}


def text_message(data: str) -> Message:
    """A text frame for the application."""
    return {"type": "websocket.receive", "text": data}


def bytes_message(data: bytes) -> Message:
    """A binary frame for the application."""
    return {"type": "websocket.receive", "bytes": data}


def json_message(data: Any, mode: str) -> Message:
    """A frame of compact JSON: of text when `mode` is "text", otherwise binary."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return text_message(text) if mode == "text" else bytes_message(text.encode())


def text_of(message: Message) -> str:
    """The text of a frame; KeyError when it is binary."""
    text: str | None = message.get("text")
    if text is None:
        raise _wrong_frame("text", message, "receive_bytes()")
    return text


def bytes_of(message: Message) -> bytes:
    """The data of a binary frame; KeyError when it is text."""
    data: bytes | None = message.get("bytes")
    if data is None:
        raise _wrong_frame("bytes", message, "receive_text()")
    return data


def json_of(message: Message, mode: str) -> Any:
    """The JSON of a frame: of a text frame when `mode` is "text", otherwise of a binary one."""
    return json.loads(text_of(message) if mode == "text" else bytes_of(message))


def _wrong_frame(key: str, message: Message, instead: str) -> KeyError:
    return KeyError(f"{key}: the application sent {dict(message)!r}; read it with {instead}")


class WebSocketTestSession:
    """A websocket connection to an application, used inside `with`.

    Entering it connects: it raises `WebSocketDisconnect` or `WebSocketDenialResponse` when the
    application refuses, and what the application raises. Leaving closes with code 1000, ends the
    application and raises what it raised.

    `timeout` limits each wait for the application, in seconds; None, the default, is for ever.
    """

    accepted_subprotocol: str | None
    extra_headers: list[tuple[bytes, bytes]] | None
    portal: BlockingPortal
    exit_stack: ExitStack

    def __init__(
        self,
        app: ASGIApp,
        scope: Scope,
        portal_factory: Callable[[], AbstractContextManager[BlockingPortal]],
    ) -> None:
        self.app = app
        self.scope = scope
        self.portal_factory = portal_factory
        self.accepted_subprotocol = None
        self.extra_headers = None
        self.timeout: float | None = None
        self._conversation: Conversation | None = None
        self._guard: finalize[[], WebSocketTestSession] | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.portal = stack.enter_context(self.portal_factory())
            self._inbox: ThreadMailbox[Message | Hangup] = ThreadMailbox()
            self._transcript = Transcript()
            self._conversation = Conversation(self.app, self.scope, self._inbox)
            self.portal.start_task_soon(self._conversation.run)
            stack.callback(self._end)
            accept = accepted(self._frame(self.timeout, "accept the websocket"))
            self.exit_stack = stack.pop_all()
        self.accepted_subprotocol = accept.get("subprotocol")
        self.extra_headers = accept.get("headers")
        self._guard = finalize(self, self._conversation.post, self._conversation.cancel)
        self._guard.atexit = False
        return self

    def __exit__(self, *args: object) -> None:
        self.exit_stack.close()

    def send(self, message: Message) -> None:
        """Send a raw ASGI message to the application."""
        conversation = self._connected()
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
        """The next raw message of the application, also of its closing."""
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

    def _frame(self, timeout: float | None, awaited: str) -> Message:
        message = None
        while message is None:
            message = self._transcript.frame(self._receive(timeout, awaited))
        return message

    def _receive(self, timeout: float | None, awaited: str) -> Message:
        self._connected()
        if self._transcript.hangup is not None:
            return self._transcript.message(self._transcript.hangup)
        limit = self.timeout if timeout is None else timeout
        try:
            item = self._inbox.take(limit)
        except TimeoutError:
            awaited = f"the application to {awaited} (websocket {self.scope['path']})"
            raise WaitTimeout(limit, awaited) from None
        return self._transcript.message(item)

    def _connected(self) -> Conversation:
        if self._conversation is None:
            raise RuntimeError("The websocket session is not connected; use it inside `with`.")
        return self._conversation

    def _end(self) -> None:
        conversation = self._connected()
        hangup = self._transcript.hangup
        if hangup is None:
            self.portal.call(conversation.hang_up)
        while not isinstance(hangup, Hangup):
            hangup = self._inbox.take()
        self._transcript.hangup = hangup
        if self._guard is not None:
            self._guard.detach()
        if hangup.error is not None:
            raise hangup.error
