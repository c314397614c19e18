"""What goes wrong on a websocket, by whose fault it is.

    Exception
    ├── WebSocketDisconnect            the peer, or the network, is gone
    └── WebSocketException             (starlette_http) the peer sent what is of no use
        ├── UnexpectedFrame            first a KeyError: a binary frame for text, or the reverse
        ├── MalformedJSON              first a json.JSONDecodeError
        └── MalformedUTF8              first a UnicodeDecodeError
    RuntimeError
    └── WebSocketDisconnected          the application used a socket that is not connected

The three under `WebSocketException` carry close code 1003, with which the default exception
handler closes the socket: what a peer sends is never a server error. Their other base comes first,
so that an application's own handler of, say, ValueError is found before that default.
"""

from json import JSONDecodeError
from typing import Any

from starlette_http.exceptions import WebSocketException

__all__ = [
    "MalformedJSON",
    "MalformedUTF8",
    "UnexpectedFrame",
    "WebSocketDisconnect",
    "WebSocketDisconnected",
]

_UNSUPPORTED_DATA = 1003  # RFC 6455, section 7.4.1


class WebSocketDisconnect(Exception):
    """The peer closed the websocket, or the network did.

    `code` is the close code (RFC 6455, section 7.4; 1005 when the peer sent none, 1006 when the
    connection broke), `reason` the peer's text, "" when there is none.
    """

    def __init__(self, code: int = 1000, reason: str | None = None) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason: str = reason or ""

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"


class WebSocketDisconnected(RuntimeError):
    """The application used a websocket that is not connected: not yet, or no longer."""


class UnexpectedFrame(KeyError, WebSocketException):
    """A text frame was asked for and a binary one came, or the reverse.

    `wanted` is "text" or "bytes". Uncaught in an application, the socket is closed with 1003.
    """

    def __init__(self, wanted: str) -> None:
        frame = "text" if wanted == "text" else "binary"
        WebSocketException.__init__(self, _UNSUPPORTED_DATA, f"Expected a {frame} frame.")
        self.args: tuple[str] = (wanted,)
        self.wanted = wanted

    def __str__(self) -> str:
        return self.reason


class MalformedJSON(JSONDecodeError, WebSocketException):
    """A frame that is not JSON; `msg`, `doc` and `pos` tell what was wrong and where.

    The peer is told no more than "Malformed JSON." Uncaught in an application, the socket is
    closed with 1003.
    """

    def __init__(self, msg: str, doc: str, pos: int) -> None:
        JSONDecodeError.__init__(self, msg, doc, pos)
        self.code = _UNSUPPORTED_DATA
        self.reason = "Malformed JSON."

    def __str__(self) -> str:
        return JSONDecodeError.__str__(self)


class MalformedUTF8(UnicodeDecodeError, WebSocketException):
    """A binary frame that should hold JSON and is not UTF-8.

    Takes what `UnicodeDecodeError` takes. Uncaught in an application, the socket is closed with
    1003.
    """

    def __init__(self, encoding: str, data: bytes, start: int, end: int, reason: str) -> None:
        # `reason` is an attribute of both bases: here the codec's, say "invalid start byte".
        UnicodeDecodeError.__init__(self, encoding, data, start, end, reason)
        self.code = _UNSUPPORTED_DATA

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args
