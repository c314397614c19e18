"""Endpoints as classes: a method for each verb of a request, or for each event of a websocket.

    class Homepage(HTTPEndpoint):
        async def get(self, request: Request) -> Response: ...

    class Echo(WebSocketEndpoint):
        encoding = "text"

        async def on_receive(self, websocket: WebSocket, data: str) -> None:
            await websocket.send_text(data)

    routes = [Route("/", Homepage), WebSocketRoute("/echo", Echo)]

An instance is made for each connection; awaiting it answers.
"""

import json
from collections.abc import Callable, Generator
from typing import Any, Literal, cast

from starlette_http.callables import is_async_callable
from starlette_http.concurrency import run_in_threadpool
from starlette_http.exceptions import HTTPException
from starlette_http.requests import Request
from starlette_http.responses import PlainTextResponse, Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_websockets.websockets import WebSocket

__all__ = ["HTTPEndpoint", "WebSocketEndpoint"]

_HANDLERS = {
    "GET": "get",
    "HEAD": "head",
    "POST": "post",
    "PUT": "put",
    "PATCH": "patch",
    "DELETE": "delete",
    "OPTIONS": "options",
    "QUERY": "query",
}


class HTTPEndpoint:
    """Answer HTTP requests with the method called like their verb.

    The handlers are `get head post put patch delete options query`, each `handler(request) ->
    Response`; those that are not async run in a worker thread. Without `head`, `get` answers HEAD
    as well. An attribute that is None is no handler. Anything else is answered 405.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise AssertionError(f"An HTTPEndpoint answers http scopes, not {scope['type']}")
        self.scope = scope
        self.receive = receive
        self.send = send

    def __await__(self) -> Generator[Any, None, None]:
        return self.dispatch().__await__()

    @property
    def _allowed_methods(self) -> list[str]:
        return [method for method in _HANDLERS if self._handler(method) is not None]

    def _handler(self, method: str) -> Callable[[Request], Any] | None:
        name = _HANDLERS.get(method, "")
        if name == "head" and not hasattr(self, "head"):
            name = "get"
        return getattr(self, name, None)

    async def dispatch(self) -> None:
        """Choose the handler, call it and send its response; then close the files of a form."""
        request = Request(self.scope, receive=self.receive, send=self.send)
        handler = self._handler(request.method) or self.method_not_allowed
        response: Any
        try:
            if is_async_callable(handler):
                response = await handler(request)
            else:
                response = await run_in_threadpool(handler, request)
            if not callable(response):
                raise TypeError(f"Endpoint {handler!r} returned {response!r}, which is no response")
            await cast(ASGIApp, response)(self.scope, self.receive, self.send)
        finally:
            await request.close()

    async def method_not_allowed(self, request: Request) -> Response:
        """Answer 405; inside an application as an HTTPException, for its handlers."""
        headers = {"Allow": ", ".join(self._allowed_methods)}
        if "app" in self.scope:
            raise HTTPException(405, headers=headers)
        return PlainTextResponse("Method Not Allowed", 405, headers)


class _Undecodable(RuntimeError):
    """The client sent what the endpoint's encoding does not allow."""


class WebSocketEndpoint:
    """Answer a websocket with a method for each of its events.

    `encoding` says what `on_receive` is given: "text" a str, "bytes" bytes, "json" what either
    holds as JSON, None a str or bytes as it comes. A message that is something else closes the
    websocket with 1003, and raises a RuntimeError.
    """

    encoding: Literal["text", "bytes", "json"] | None = None

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            raise AssertionError(f"A WebSocketEndpoint answers websockets, not {scope['type']}")
        self.scope = scope
        self.receive = receive
        self.send = send

    def __await__(self) -> Generator[Any, None, None]:
        return self.dispatch().__await__()

    async def dispatch(self) -> None:
        """Run the events of the websocket, from `on_connect` to `on_disconnect`."""
        websocket = WebSocket(self.scope, receive=self.receive, send=self.send)
        await self.on_connect(websocket)
        close_code = 1000
        try:
            while (message := await websocket.receive())["type"] != "websocket.disconnect":
                await self.on_receive(websocket, await self.decode(websocket, message))
            close_code = int(message.get("code") or 1000)
        except _Undecodable:
            close_code = 1003
            raise
        except Exception:
            close_code = 1011
            raise
        finally:
            await self.on_disconnect(websocket, close_code)

    async def decode(self, websocket: WebSocket, message: Message) -> Any:
        """Give the data of a message by `encoding`; else close with 1003 and RuntimeError."""
        decoder = _DECODERS.get(self.encoding)
        if decoder is None:
            raise AssertionError(f"Unsupported 'encoding' attribute {self.encoding}")
        try:
            return decoder(message)
        except _Undecodable:
            await websocket.close(code=1003)
            raise

    async def on_connect(self, websocket: WebSocket) -> None:
        """Accept the websocket, or close it. An error here ends it without `on_disconnect`."""
        await websocket.accept()

    async def on_receive(self, websocket: WebSocket, data: Any) -> None:
        """Take a message of the client; does nothing by itself."""

    async def on_disconnect(self, websocket: WebSocket, close_code: int) -> None:
        """Clean up. `close_code` is the client's, 1003 or 1011 after an error of ours."""


def _decode_text(message: Message) -> Any:
    if message.get("text") is None:
        raise _Undecodable("Expected text websocket messages, but got bytes")
    return message["text"]


def _decode_bytes(message: Message) -> Any:
    if message.get("bytes") is None:
        raise _Undecodable("Expected bytes websocket messages, but got text")
    return message["bytes"]


def _decode_json(message: Message) -> Any:
    text = _decode_any(message)
    try:
        return json.loads(text if isinstance(text, str) else (text or b"").decode())
    except (ValueError, RecursionError):  # not UTF-8, not JSON, or nested without end
        raise _Undecodable("Malformed JSON data received.") from None


def _decode_any(message: Message) -> Any:
    text = message.get("text")
    return message.get("bytes") if text is None else text


_DECODERS: dict[str | None, Callable[[Message], Any]] = {
    "text": _decode_text,
    "bytes": _decode_bytes,
    "json": _decode_json,
    None: _decode_any,
}
