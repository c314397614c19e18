"""How the tests of this package drive an application: raw ASGI messages through a channel."""

from collections.abc import MutableMapping
from typing import Any

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
