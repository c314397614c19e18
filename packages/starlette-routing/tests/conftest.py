"""How the tests of this package drive an application: raw ASGI messages through a channel."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

import anyio
import pytest

Message = MutableMapping[str, Any]


class Channel:
    """One ASGI connection: `receive` gives the queued messages, `sent` keeps what was sent."""

    def __init__(self, *messages: Message) -> None:
        self.incoming = list(messages)
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if not self.incoming:
            await anyio.sleep_forever()
        return self.incoming.pop(0)

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


@pytest.fixture
def channel() -> type[Channel]:
    """The class of a connection: `channel(message, ...)` has those messages to receive."""
    return Channel


class Answer(NamedTuple):
    """What an application answered: status, headers in lower case, body as text."""

    status: int
    headers: dict[str, str]
    text: str


Fetch = Callable[..., Awaitable[Answer]]


@pytest.fixture
def fetch() -> Fetch:
    """Send one HTTP request: `await fetch(app, "/path", "POST", **more_of_the_scope)`."""

    async def fetch(app: Any, path: str, method: str = "GET", /, **more: Any) -> Answer:
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"example.org")],
            **more,
        }
        connection = Channel({"type": "http.request", "body": b"", "more_body": False})
        await app(scope, connection.receive, connection.send)
        start = connection.sent[0]
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, connection.body.decode())

    return fetch
