"""Requests of the synchronous client, from the library's request to its response."""

import sys
from collections.abc import Iterator
from functools import partial
from typing import Any
from weakref import WeakSet

from starlette_http.types import Scope

from .exchange import Chunk, Ended, Item, StreamedExchange
from .library import httpx
from .mailbox import ThreadMailbox
from .portal import BorrowedLoop, Host, LoopThread, run_in_fresh_loop
from .target import SESSION, STREAM, CollectedBody, Target, response_of
from .timeouts import WaitTimeout
from .websocket import WebSocketTestSession

__all__ = ["Transport"]


class Transport(httpx.BaseTransport):
    """Answers requests with an application, which runs in `thread` or else in a loop of its own.

    `sharer` is the transport whose thread is used when there is no own one. With `timed`, the
    `read` timeout of a request limits each wait for the application.
    """

    def __init__(
        self,
        target: Target,
        backend: str,
        options: dict[str, Any],
        timed: bool,
        sharer: "Transport | None",
    ) -> None:
        self.thread: LoopThread | None = None
        self.timed = timed
        self._target = target
        self._backend = backend
        self._options = options
        self._sharer = sharer
        self._open: WeakSet[StreamedBody | WebSocketTestSession] = WeakSet()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The application's response to `request`."""
        scope = self._target.scopes.build(request)
        limit = request.extensions["timeout"]["read"] if self.timed else None
        if scope["type"] == "websocket":
            kind = request.extensions.get(SESSION, WebSocketTestSession)
            return self._upgrade(kind(self._target.app, scope, self.host), limit)
        body = request.read()
        if STREAM in request.extensions:
            return self._stream(scope, body, limit)
        return self._collect(scope, body, limit)

    def kept(self) -> LoopThread | None:
        """The kept loop, this client's own or the one it shares."""
        if self.thread is None and self._sharer is not None:
            return self._sharer.kept()
        return self.thread

    def host(self) -> Host:
        """The kept loop, or a fresh one."""
        kept = self.kept()
        return LoopThread(self._backend, self._options) if kept is None else BorrowedLoop(kept)

    def abort(self) -> None:
        """End the streams and the websocket sessions that are still open."""
        for connection in list(self._open):
            connection.abort()

    def close(self) -> None:
        """End the streams and the websocket sessions that are still open."""
        self.abort()

    def _upgrade(self, session: WebSocketTestSession, limit: float | None) -> httpx.Response:
        session.timeout = limit
        self._open.add(session)
        return httpx.Response(101, extensions={SESSION: session})

    def _collect(self, scope: Scope, body: bytes, limit: float | None) -> httpx.Response:
        exchange = self._target.exchange(scope, body)
        work = exchange.run if limit is None else partial(exchange.run_within, limit)
        kept = self.kept()
        if kept is None:
            run_in_fresh_loop(work, self._backend, self._options)
        else:
            kept.run(work)
        failure = self._target.failure(exchange)
        if failure is not None and exchange.status is None:
            raise failure
        return response_of(exchange, CollectedBody(exchange.chunks, failure))

    def _stream(self, scope: Scope, body: bytes, limit: float | None) -> httpx.Response:
        stream = StreamedBody(self._target, scope, body, self.host(), limit)
        self._open.add(stream)
        stream.start()
        return response_of(stream.exchange, stream)


class StreamedBody(httpx.SyncByteStream):
    """The body of a response that is still being made."""

    def __init__(
        self, target: Target, scope: Scope, body: bytes, host: Host, limit: float | None
    ) -> None:
        self._inbox: ThreadMailbox[Item] = ThreadMailbox()
        self.exchange: StreamedExchange = target.streamed_exchange(scope, body, self._inbox)
        self._target = target
        self._host = host
        self._limit = limit
        self._ended = True  # not begun, in fact
        self._handled = sys.exception()

    def start(self) -> None:
        """Run the application up to the start of its response."""
        self._host.spawn(self.exchange.run, partial(self._inbox.put, Ended()))
        self._ended = False
        try:
            ended = isinstance(self._take(), Ended)
        except BaseException:
            self.abort()
            raise
        if ended:
            self.close()

    def __iter__(self) -> Iterator[bytes]:
        while isinstance(item := self._take(), Chunk):
            self._host.post(item.taken)
            yield item.data

    def close(self) -> None:
        """End the application, unless its response was read, and raise what it raised by itself.

        Nothing is raised on top of another exception.
        """
        self.abort()
        failure = self._target.failure(self.exchange)
        if failure and not self.exchange.abandoned and sys.exception() is self._handled:
            raise failure

    def abort(self) -> None:
        """End the application, unless its response was read."""
        if not self._ended:
            self._host.post(self.exchange.abandon)
            while not isinstance(self._take(), Ended):
                pass
        self._host.__exit__()

    def __del__(self) -> None:
        if not self._ended:
            self._host.post(self.exchange.cancel)

    def _take(self) -> Item:
        try:
            item = self._inbox.take(self._limit)
        except TimeoutError:
            self._host.post(self.exchange.cancel)
            raise WaitTimeout(self._limit, self.exchange.awaited()) from None
        if isinstance(item, Ended):
            self._ended = True
            self._inbox.put(item)  # the end is never used up
        return item
