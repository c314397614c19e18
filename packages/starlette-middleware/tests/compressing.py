"""What the tests of compression send: the messages of a response, and an application of them."""

from collections.abc import Callable, Iterable
from typing import Any

from starlette_http.types import ASGIApp, Message, Receive, Scope, Send

LONG = b"0123456789" * 100
Pairs = list[tuple[bytes, bytes]]
# The fixture `run`: what arrives of these messages behind a middleware.
Run = Callable[..., Any]


def start(*headers: tuple[bytes, bytes], status: int = 200, **more: Any) -> Message:
    return {"type": "http.response.start", "status": status, "headers": [*headers], **more}


def body(content: Any = b"", **more: Any) -> Message:
    return {"type": "http.response.body", "body": content, **more}


def sending(*messages: Message) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


def types(messages: Iterable[Message]) -> list[str]:
    return [message["type"].removeprefix("http.response.") for message in messages]
