"""How an application and the test that drives it hand messages to each other.

An application runs in an event loop. Its test is either a thread of its own, or code in the same
loop. Both kinds of mailbox take messages the same way, `put(message)` called in the loop, so that
what serves the application need not know which kind of test waits at the other end.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, TypeVar

import anyio

__all__ = ["Mailbox", "Outbox", "Post", "ThreadMailbox", "current_post"]

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)
Post = Callable[..., object]


class Outbox(Protocol[T_contra]):
    """The application's end of a mailbox."""

    def put(self, message: T_contra, /) -> None: ...


class ThreadMailbox(Generic[T]):
    """Messages from the event loop to a thread, without bound and in order."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[T] = SimpleQueue()

    def put(self, message: T) -> None:
        """Leave a message."""
        self._queue.put(message)

    def take(self, seconds: float | None = None) -> T:
        """The next message; waits for it, at most `seconds`, and then raises TimeoutError."""
        try:
            return self._queue.get(timeout=seconds)
        except Empty:
            raise TimeoutError from None


class Mailbox(Generic[T]):
    """Messages between the tasks of one event loop, without bound and in order."""

    def __init__(self) -> None:
        self._messages: deque[T] = deque()
        self._arrival: anyio.Event | None = None

    def put(self, message: T) -> None:
        """Leave a message."""
        self._messages.append(message)
        if self._arrival is not None:
            self._arrival.set()
            self._arrival = None

    async def send(self, message: T) -> None:
        """Leave a message, as an ASGI `send`."""
        self.put(message)

    async def receive(self) -> T:
        """The next message; waits for it, as an ASGI `receive`."""
        while not self._messages:
            if self._arrival is None:
                self._arrival = anyio.Event()
            await self._arrival.wait()
        return self._messages.popleft()


def current_post() -> Post:
    """The function that lets other threads call functions in the running event loop.

    `post(function, *arguments)` returns at once. Calls happen in the order they were posted.
    """
    if anyio.get_cancelled_exc_class() is asyncio.CancelledError:
        return asyncio.get_running_loop().call_soon_threadsafe
    import trio

    return trio.lowlevel.current_trio_token().run_sync_soon
