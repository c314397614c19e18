"""Server-sent events while uvicorn shuts down: a stream that would last for ever does not hold it.

Uvicorn waits for its connections before it runs the end of the lifespan. So streams are ended from
where it learns that it shall stop, by an event; or by its graceful timeout, which cancels them.
"""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType

import anyio
import httpx
import pytest
import uvicorn

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import EventSourceResponse
from starlette.routing import Route


class Feed:
    """An application with one endless stream of events, which `stop()` ends from any thread."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.stop: Callable[[], object] = lambda: None
        self.app = Starlette(routes=[Route("/", self.stream)], lifespan=self.lifespan)

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[dict[str, anyio.Event]]:
        stopping = anyio.Event()
        loop = asyncio.get_running_loop()
        self.stop = lambda: loop.call_soon_threadsafe(stopping.set)
        yield {"stopping": stopping}

    async def stream(self, request: Request) -> EventSourceResponse:
        return EventSourceResponse(self.events(), shutdown=request.state.stopping)

    async def events(self) -> AsyncIterator[str]:
        try:
            yield "a"
            await anyio.sleep_forever()
        finally:
            self.closed.set()


class Server(uvicorn.Server):
    """Tells the feed when it is told to stop, as a signal handler of the application would."""

    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], object]) -> None:
        super().__init__(config)
        self.on_exit = on_exit

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.on_exit()
        super().handle_exit(sig, frame)


@contextlib.contextmanager
def stream_of(
    feed: Feed, on_exit: Callable[[], object], graceful_seconds: int | None
) -> Iterator[tuple[Server, Iterator[bytes]]]:
    """The stream as a client reads it, and its server, which has ended when this is left."""
    config = uvicorn.Config(
        feed.app, log_level="critical", timeout_graceful_shutdown=graceful_seconds
    )
    server = Server(config, on_exit)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            with httpx.stream("GET", f"http://127.0.0.1:{port}/", timeout=10) as response:
                yield server, response.iter_raw()
        finally:
            server.should_exit = True
            thread.join(10)
    assert not thread.is_alive(), "uvicorn did not stop within 10 seconds"


def test_the_event_of_the_application_ends_its_streams_as_if_complete() -> None:
    feed = Feed()
    with stream_of(feed, lambda: feed.stop(), graceful_seconds=None) as (server, chunks):
        assert next(chunks) == b"data: a\n\n"
        server.handle_exit(signal.SIGTERM, None)
        assert list(chunks) == []
    assert feed.closed.is_set()


def test_the_graceful_timeout_cuts_the_streams_that_are_left() -> None:
    feed = Feed()
    with stream_of(feed, lambda: None, graceful_seconds=1) as (server, chunks):
        assert next(chunks) == b"data: a\n\n"
        server.handle_exit(signal.SIGTERM, None)
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message"):
            list(chunks)
    assert feed.closed.is_set()
