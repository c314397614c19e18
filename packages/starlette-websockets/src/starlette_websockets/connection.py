"""A websocket connection, and the two state machines that keep its use legal.

What the peer did is `client_state`, what the application did is `application_state`; they move
independently. Both follow one table each: a message that the table does not know in the present
state is refused, changes nothing and is not passed on. Frames on an open socket, nearly all that
there is, change no state, and are told by two comparisons from what the tables are asked for.

How large a message may be, how long a silent peer is kept and when it is pinged is the server's
business: uvicorn and hypercorn have settings for each.
"""

import json
import re
from collections.abc import AsyncIterator, Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import anyio

from starlette_http.exception_handling import StartWatch
from starlette_http.requests import HTTPConnection, StateT
from starlette_http.types import Message, Receive, Scope, Send

from .exceptions import (
    MalformedJSON,
    MalformedUTF8,
    UnexpectedFrame,
    WebSocketDisconnect,
    WebSocketDisconnected,
)

if TYPE_CHECKING:
    from starlette_http.response import Response

__all__ = ["WebSocket", "WebSocketClose", "WebSocketState"]


class WebSocketState(Enum):
    """Where one side of a websocket stands; RESPONSE is a denial response on its way."""

    CONNECTING = 0
    CONNECTED = 1
    DISCONNECTED = 2
    RESPONSE = 3

    if TYPE_CHECKING:

        def __hash__(self) -> int: ...
    else:
        __hash__ = object.__hash__  # Enum's own is a call of Python for each look into a table


_CONNECTING = WebSocketState.CONNECTING
_CONNECTED = WebSocketState.CONNECTED
_DISCONNECTED = WebSocketState.DISCONNECTED
_RESPONSE = WebSocketState.RESPONSE

_Steps = dict[tuple[WebSocketState, str], WebSocketState]

_AFTER_RECEIVE: _Steps = {
    (_CONNECTING, "websocket.connect"): _CONNECTED,
    (_CONNECTED, "websocket.receive"): _CONNECTED,
    (_CONNECTED, "websocket.disconnect"): _DISCONNECTED,
}
_AFTER_SEND: _Steps = {
    (_CONNECTING, "websocket.accept"): _CONNECTED,
    (_CONNECTING, "websocket.close"): _DISCONNECTED,
    (_CONNECTING, "websocket.http.response.start"): _RESPONSE,
    (_CONNECTED, "websocket.send"): _CONNECTED,
    (_CONNECTED, "websocket.close"): _DISCONNECTED,
    (_RESPONSE, "websocket.http.response.body"): _RESPONSE,  # the last one: DISCONNECTED
}

_NOT_ACCEPTED = 'WebSocket is not connected. Need to call "accept" first.'
_RECEIVE_AFTER_END = 'Cannot call "receive" once a disconnect message has been received.'
_NO_DENIAL = "The server doesn't support the Websocket Denial Response extension."
_SEND_AFTER_END = 'Cannot call "send" once a close message has been sent.'

_MODES = {"text", "binary"}
_ends_header = re.compile(rb"[\r\n\0]").search
_encode_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class WebSocket(HTTPConnection[StateT]):
    """One websocket: a read-only mapping over its scope, with the two channels behind it.

    `scope["type"]` must be "websocket" (AssertionError). `receive` and `send` speak raw ASGI
    messages and keep the states right; everything else does what these two do, so who overrides
    them, in a subclass, on the class or on an instance, by the time of `accept`, changes all.
    Several tasks may send and receive at once: messages are received in turn, and whoever comes
    after the end gets `WebSocketDisconnected`.
    """

    # A chat is frames of text and of bytes. The four methods for these go to the channels
    # themselves while the socket is `_direct`: accepted, with nothing in place of `receive` and
    # `send`. Two coroutines in place of four for each echo are a quarter of its cost, and a
    # coroutine less is what a socket that waits for its peer keeps in memory.

    client_state: WebSocketState
    application_state: WebSocketState

    # On instances only where two tasks receive at once, so that most sockets never have it.
    _next_receiver: "anyio.Event | None" = None

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope)
        if scope["type"] != "websocket":
            raise AssertionError(f"WebSocket needs a websocket scope, not {scope['type']!r}.")
        self._receive = receive
        self._send = send
        self.client_state = _CONNECTING
        self.application_state = _CONNECTING
        self._direct = False
        self._receiving = False

    async def receive(self) -> Message:
        """Receive one raw ASGI message and follow it in `client_state`.

        Raises `WebSocketDisconnected` after the peer's disconnect, RuntimeError for a message
        that is illegal in the present state. A disconnect is returned, not raised.
        """
        while self._receiving:
            await self._wait_for_turn()
        if self.client_state is _DISCONNECTED:
            raise WebSocketDisconnected(_RECEIVE_AFTER_END)
        self._receiving = True
        try:
            message = await self._receive()
        finally:
            self._receiving = False
            if self._next_receiver is not None:
                self._pass_turn(self._next_receiver)
        if message["type"] != "websocket.receive" or self.client_state is not _CONNECTED:
            self._follow_receive(message)
        return message

    async def send(self, message: Message) -> None:
        """Follow one raw ASGI message in `application_state`, then send it.

        Raises `WebSocketDisconnected` after our own close, RuntimeError for a message that is
        illegal in the present state, and `WebSocketDisconnect` with code 1006 when the server
        reports (by OSError) that an accepted connection is gone.
        """
        if self.application_state is not _CONNECTED:
            self._follow_send(message)
            return await self._send(message)
        if message["type"] != "websocket.send":
            self._follow_send(message)
        try:
            await self._send(message)
        except Exception as exc:
            self._fail_send(exc, message)

    async def accept(
        self, subprotocol: str | None = None, headers: Iterable[tuple[bytes, bytes]] | None = None
    ) -> None:
        """Accept the connection, after receiving the connect message if nobody has.

        `headers` are pairs of bytes for the handshake response (TypeError otherwise).
        """
        pairs = [_byte_pair(pair) for pair in headers or ()]
        if self.client_state is _CONNECTING:
            await self.receive()
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": pairs})
        channel: Any = self._send
        if type(channel) is StartWatch:  # it has seen all that it waits for
            self._send = channel.send

    async def receive_text(self) -> str:
        """Receive one text frame.

        Raises `WebSocketDisconnect` when the peer is gone, `UnexpectedFrame` for a binary frame,
        `WebSocketDisconnected` before `accept` and after `close`.
        """
        if self.application_state is not _CONNECTED:
            raise WebSocketDisconnected(_NOT_ACCEPTED)
        if self._direct and not self._receiving and self.client_state is _CONNECTED:
            self._receiving = True
            try:
                message = await self._receive()
            finally:
                self._receiving = False
                if self._next_receiver is not None:
                    self._pass_turn(self._next_receiver)
            if message["type"] != "websocket.receive":
                self._follow_receive(message)
        else:
            message = await self.receive()
        text: str | None = message.get("text")
        if text is None:
            raise _without_payload(message, "text")
        return text

    async def receive_bytes(self) -> bytes:
        """Receive one binary frame; raises as `receive_text`, the other way round."""
        if self.application_state is not _CONNECTED:
            raise WebSocketDisconnected(_NOT_ACCEPTED)
        if self._direct and not self._receiving and self.client_state is _CONNECTED:
            self._receiving = True
            try:
                message = await self._receive()
            finally:
                self._receiving = False
                if self._next_receiver is not None:
                    self._pass_turn(self._next_receiver)
            if message["type"] != "websocket.receive":
                self._follow_receive(message)
        else:
            message = await self.receive()
        data: bytes | None = message.get("bytes")
        if data is None:
            raise _without_payload(message, "bytes")
        return data

    async def receive_json(self, mode: Literal["text", "binary"] = "text") -> Any:
        """Receive one frame of JSON: a text frame, or with `mode="binary"` UTF-8 in a binary one.

        What is no JSON raises `MalformedJSON` (a `json.JSONDecodeError`) or `MalformedUTF8`
        (a UnicodeDecodeError): both ValueErrors, and uncaught both close the socket with 1003.
        NaN and Infinity are read, as by `json.loads`.
        """
        if mode not in _MODES:
            raise _unknown_mode()
        if self.application_state is not _CONNECTED:
            raise WebSocketDisconnected(_NOT_ACCEPTED)
        message = await self.receive()
        kind = "text" if mode == "text" else "bytes"
        payload = message.get(kind)
        if payload is None:
            raise _without_payload(message, kind)
        return _decode_json(payload if mode == "text" else _decode_utf8(payload))

    async def iter_text(self) -> AsyncIterator[str]:
        """Iterate over text frames until the peer is gone: the quiet way to read a socket."""
        while True:
            try:
                text = await self.receive_text()
            except WebSocketDisconnect:
                return
            yield text

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over binary frames until the peer is gone."""
        while True:
            try:
                data = await self.receive_bytes()
            except WebSocketDisconnect:
                return
            yield data

    async def iter_json(self) -> AsyncIterator[Any]:
        """Iterate over text frames of JSON until the peer is gone."""
        while True:
            try:
                value = await self.receive_json()
            except WebSocketDisconnect:
                return
            yield value

    async def send_text(self, data: str) -> None:
        """Send one text frame; raises as `send`."""
        message = {"type": "websocket.send", "text": data}
        if not self._direct or self.application_state is not _CONNECTED:
            return await self.send(message)
        try:
            await self._send(message)
        except Exception as exc:
            self._fail_send(exc, message)

    async def send_bytes(self, data: bytes) -> None:
        """Send one binary frame; raises as `send`."""
        message = {"type": "websocket.send", "bytes": data}
        if not self._direct or self.application_state is not _CONNECTED:
            return await self.send(message)
        try:
            await self._send(message)
        except Exception as exc:
            self._fail_send(exc, message)

    async def send_json(self, data: Any, mode: Literal["text", "binary"] = "text") -> None:
        """Send `data` as compact JSON in one frame, text or (UTF-8) binary.

        NaN and Infinity go out as `json.dumps` writes them, which browsers refuse to parse; a
        lone surrogate raises UnicodeEncodeError (a ValueError), in text mode from the server.
        """
        if mode not in _MODES:
            raise _unknown_mode()
        text = _encode_json(data)
        if mode == "text":
            await self.send({"type": "websocket.send", "text": text})
        else:
            await self.send({"type": "websocket.send", "bytes": text.encode()})

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the socket; before `accept`, refuse it (servers answer 403).

        `code` is a close code (RFC 6455, section 7.4), `reason` at most 123 bytes of UTF-8.
        """
        await self.send({"type": "websocket.close", "code": code, "reason": reason or ""})

    async def send_denial_response(self, response: "Response") -> None:
        """Refuse the connection with an HTTP response of your own, instead of `accept`.

        RuntimeError unless the server offers the extension "websocket.http.response".
        """
        if "websocket.http.response" not in (self.scope.get("extensions") or ()):
            raise RuntimeError(_NO_DENIAL)
        await response(self.scope, self.receive, self.send)

    def _follow_receive(self, message: Message) -> None:
        following = _AFTER_RECEIVE.get((self.client_state, message["type"]))
        if following is None:
            raise _illegal(_AFTER_RECEIVE, self.client_state, message)
        self.client_state = following

    def _follow_send(self, message: Message) -> None:
        state = self.application_state
        if state is _DISCONNECTED:
            raise WebSocketDisconnected(_SEND_AFTER_END)
        following = _AFTER_SEND.get((state, message["type"]))
        if following is None:
            raise _illegal(_AFTER_SEND, state, message)
        if state is _RESPONSE and not message.get("more_body", False):
            following = _DISCONNECTED
        self.application_state = following
        self._direct = following is _CONNECTED and self._has_own_steps()

    def _has_own_steps(self) -> bool:
        receive = getattr(self.receive, "__func__", None)
        return receive is _RECEIVE and getattr(self.send, "__func__", None) is _SEND

    def _fail_send(self, exc: Exception, message: Message) -> NoReturn:
        if isinstance(exc, OSError):
            self.application_state = _DISCONNECTED
            raise WebSocketDisconnect(1006) from exc
        if self.application_state is _CONNECTED or message["type"] == "websocket.close":
            raise exc
        # Another task closed the socket while the server was at this message.
        raise WebSocketDisconnected(_SEND_AFTER_END) from exc

    async def _wait_for_turn(self) -> None:
        if self._next_receiver is None:
            self._next_receiver = anyio.Event()
        await self._next_receiver.wait()

    def _pass_turn(self, waiting: "anyio.Event") -> None:
        self._next_receiver = None
        waiting.set()


# What the shortened methods do themselves; taken when nobody can have replaced them yet.
_RECEIVE = WebSocket.receive
_SEND = WebSocket.send


class WebSocketClose:
    """An ASGI application that closes the websocket without receiving anything."""

    def __init__(self, code: int = 1000, reason: str | None = None) -> None:
        self.code = code
        self.reason: str = reason or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.close", "code": self.code, "reason": self.reason})


def _illegal(steps: _Steps, state: WebSocketState, message: Message) -> RuntimeError:
    legal = [f'"{name}"' for known, name in steps if known is state]
    expected = " or ".join(filter(None, [", ".join(legal[:-1]), legal[-1]]))
    return RuntimeError(f"Expected ASGI message {expected}, but got {message['type']!r}")


def _unknown_mode() -> RuntimeError:
    return RuntimeError('The "mode" argument should be "text" or "binary".')


def _without_payload(message: Message, kind: str) -> Exception:
    if message["type"] != "websocket.disconnect":
        return UnexpectedFrame(kind)
    code = message.get("code")
    # 1005 is what the ASGI specification has for a close frame without a code.
    return WebSocketDisconnect(1005 if code is None else code, message.get("reason"))


def _decode_utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as exc:
        raise MalformedUTF8(exc.encoding, exc.object, exc.start, exc.end, exc.reason) from None


def _decode_json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as exc:
        raise MalformedJSON(exc.msg, exc.doc, exc.pos) from None
    except RecursionError as exc:
        raise MalformedJSON("Nested too deeply", text, 0) from exc
    except ValueError as exc:  # an integer of more digits than sys.get_int_max_str_digits()
        raise MalformedJSON(str(exc), text, 0) from exc


def _byte_pair(pair: object) -> tuple[bytes, bytes]:
    match pair:
        case bytes(name), bytes(value):
            if _ends_header(name + value):  # it would add headers (RFC 9110, section 5.5)
                raise ValueError(f"Header {pair!r} must not contain CR, LF or NUL.")
            return name, value
    raise TypeError(f"accept() takes headers as pairs of bytes, not {pair!r}.")
