"""How the tests of this package drive an application: raw ASGI messages through a channel."""

import errno
import os
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from typing import Any

import anyio
import pytest

from starlette_http import page_cache

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


class Everything(dict[str, bytes]):
    """Admits what it is asked for, where else a worker thread would have to come first."""

    def get(self, path: str, default: Any = None) -> Any:
        with suppress(OSError, ValueError):
            page_cache.admit(path, os.stat(path))
        return super().get(path, default)


class Nothing(dict[str, bytes]):
    """Admits nothing, as on a system where files are opened in worker threads alone."""

    def __setitem__(self, path: str, name: bytes) -> None:
        pass


def read_from_memory(
    descriptor: int, blocks: Sequence[memoryview], offset: int, flags: int = 0
) -> int:
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.readv(descriptor, blocks)


def refuse_to_read(*args: Any) -> int:
    raise BlockingIOError(errno.EAGAIN, "not in memory")


@pytest.fixture(params=["memory", "thread"])
def way_to_files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a test twice: all files are in the kernel's memory, or none."""
    in_memory = request.param == "memory"
    monkeypatch.setattr(page_cache, "ADMITTED", Everything() if in_memory else Nothing())
    preadv = read_from_memory if in_memory else refuse_to_read
    monkeypatch.setattr(os, "preadv", preadv, raising=False)
    way: str = request.param
    return way
