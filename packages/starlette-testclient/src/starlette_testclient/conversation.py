"""One websocket connection: as the application sees it, and as the test reads it.

Nothing here knows threads. A `Conversation` lives in the application's event loop and leaves what
the application sends in a mailbox; a `Transcript` makes sense of what the test takes out of it.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import anyio
import anyio.lowlevel

from starlette_http.types import ASGIApp, Message, Scope
from starlette_websockets.websockets import WebSocketDisconnect

from .library import httpx
from .mailbox import Mailbox, Outbox, Post, current_post
from .running import Run
from .scopes import WEBSOCKET_SCHEMES

__all__ = [
    "Conversation",
    "Hangup",
    "Transcript",
    "WebSocketDenialResponse",
    "bytes_message",
    "bytes_of",
    "disconnect",
    "handshake_headers",
    "json_message",
    "json_of",
    "text_message",
    "text_of",
    "websocket_url",
]

# How many turns of the loop an application gets to end by itself when the session closes: enough
# for a handler of the disconnect that does not wait for anything outside.
_TURNS_TO_LEAVE = 10

_HANDSHAKE = {
    "connection": "upgrade",
    "sec-websocket-key": "testserver==",
    "sec-websocket-version": "13",
}


class WebSocketDenialResponse(  # type: ignore[misc]  # both bases have a __setstate__, alike in use
    httpx.Response, WebSocketDisconnect
):
    """The HTTP response with which an application refused a websocket; an exception as well."""

    def __str__(self) -> str:
        return f"The application refused the websocket: {self.status_code} {self.reason_phrase}"


class Hangup(NamedTuple):
    """The application is over; `error` is what it raised."""

    error: BaseException | None


Item = Message | Hangup


class Conversation:
    """One websocket connection as the application sees it.

    `inbox` takes what the test sends, in the loop; `post` reaches the loop from other threads, once
    the application runs.
    """

    post: Post

    def __init__(self, app: ASGIApp, scope: Scope, outbox: Outbox[Item]) -> None:
        self.inbox: Mailbox[Message] = Mailbox()
        self.inbox.put({"type": "websocket.connect"})
        self._app = app
        self._scope = scope
        self._outbox = outbox
        self._run = Run()

    async def run(self) -> None:
        """Run the application until it ends or is cancelled."""
        self.post = current_post()
        await self._run.of(self._call_app, self._announce_end)

    async def hang_up(self) -> None:
        """Say that the client is gone, and cancel an application that does not end on that."""
        self.inbox.put(disconnect(1000, None))
        for _ in range(_TURNS_TO_LEAVE):
            if self._run.ended:
                return
            await anyio.lowlevel.checkpoint()
        self.cancel()

    def cancel(self) -> None:
        """Cancel the application; called in its loop."""
        self._run.cancel()

    async def _call_app(self) -> None:
        await self._app(self._scope, self.inbox.receive, self._send)

    async def _send(self, message: Message) -> None:
        self._outbox.put(message)

    def _announce_end(self) -> None:
        self._outbox.put(Hangup(self._run.error))


class Transcript:
    """What the test has read of a conversation: the handshake, the end."""

    def __init__(self) -> None:
        self.hangup: Hangup | None = None
        self.accept: Message = {}
        self._closed: WebSocketDisconnect | None = None
        self._denial: Message | None = None
        self._content = b""

    def message(self, item: Item) -> Message:
        """`item` if it is a message; raises what it means that the application is over."""
        if not isinstance(item, Hangup):
            return item
        self.hangup = item
        if item.error is not None:
            raise item.error
        if self._denial is not None:
            raise self._denied(self._denial)
        raise self._closed or WebSocketDisconnect(1006, "The application returned.")

    def frame(self, message: Message) -> Message | None:
        """`message` if it is none of the end; None when more must be read; else raises the end."""
        kind = message["type"]
        if kind == "websocket.close":
            self._closed = WebSocketDisconnect(message.get("code", 1000), message.get("reason"))
            raise self._closed
        if kind == "websocket.http.response.start":
            self._denial = message
            return None
        if kind == "websocket.http.response.body" and self._denial is not None:
            self._content += message.get("body", b"")
            if message.get("more_body", False):
                return None
            raise self._denied(self._denial)
        return message

    def open(self, message: Message) -> None:
        """Take the first message, which must be the application's accept."""
        if message["type"] != "websocket.accept":
            raise AssertionError(
                'Expected "websocket.accept", "websocket.close" or "websocket.http.response.start"'
                f" from the application, but it sent {dict(message)!r}."
            )
        self.accept = message

    def _denied(self, start: Message) -> WebSocketDenialResponse:
        headers = [(name, value) for name, value in start.get("headers", ())]
        return WebSocketDenialResponse(start["status"], headers=headers, content=self._content)


def websocket_url(url: Any) -> str:
    """The absolute URL of the websocket at `url`; RuntimeError when it is not one."""
    absolute = urljoin("ws://testserver", str(url))
    if urlsplit(absolute).scheme not in WEBSOCKET_SCHEMES:
        raise RuntimeError("Expected WebSocket upgrade")
    return absolute


def handshake_headers(headers: Any, subprotocols: Iterable[str] | None) -> httpx.Headers:
    """A copy of `headers` with those of a websocket handshake, as far as they are not given."""
    complete = httpx.Headers(headers)
    for name, value in _HANDSHAKE.items():
        complete.setdefault(name, value)
    if subprotocols is not None:
        complete.setdefault("sec-websocket-protocol", ", ".join(subprotocols))
    return complete


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
    return KeyError(f"no {key} in {dict(message)!r}, which the application sent; use {instead}")
