"""HTTP requests of the synchronous client, from the library's request to its response."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any
from weakref import WeakSet, finalize

from anyio.from_thread import BlockingPortal

from starlette_http.types import ASGIApp, Scope

from .exchange import Chunk, Ended, Exchange, Item, StreamedExchange
from .library import httpx
from .mailbox import ThreadMailbox
from .portal import LoopThread, run_in_fresh_loop
from .responses import CollectedBody, Rules, response_of
from .scopes import ScopeBuilder
from .timeouts import WaitTimeout
from .websocket import WebSocketTestSession

__all__ = ["SESSION", "STREAM", "Transport"]

STREAM = "starlette_testclient.stream"
"""Among a request's extensions: its response is to be streamed."""

SESSION = "starlette_testclient.session"
"""Among a response's extensions: the websocket session that the request opens."""


class Transport(httpx.BaseTransport):
    """Answers requests with an application, which runs in `thread` or else in a loop of its own.

    With `timed`, a request's `read` timeout limits each wait for the application.
    """

    def __init__(
        self,
        app: ASGIApp,
        scopes: ScopeBuilder,
        rules: Rules,
        backend: str,
        options: dict[str, Any],
        timed: bool,
    ) -> None:
        self.thread: LoopThread | None = None
        self._app = app
        self._scopes = scopes
        self._rules = rules
        self.backend = backend
        self.options = options
        self._timed = timed
        self._open: WeakSet[StreamedBody] = WeakSet()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The application's response to `request`."""
        scope = self._scopes.build(request)
        limit = request.extensions["timeout"]["read"] if self._timed else None
        if scope["type"] == "websocket":
            session = WebSocketTestSession(self._app, scope, self.portal_factory)
            session.timeout = limit
            return httpx.Response(101, extensions={SESSION: session})
        body = request.read()
        if STREAM in request.extensions:
            return self._stream(scope, body, limit)
        return self._collect(scope, body, limit)

    def portal_factory(self) -> AbstractContextManager[BlockingPortal]:
        """The portal of the kept loop, or of a fresh one."""
        if self.thread is None:
            return LoopThread(self.backend, self.options)
        return nullcontext(self.thread.portal)

    def abort(self) -> None:
        """Cancel the applications whose responses are still being streamed."""
        for body in list(self._open):
            body.abort()

    def close(self) -> None:
        """Cancel the applications whose responses are still being streamed."""
        self.abort()

    def _collect(self, scope: Scope, body: bytes, limit: float | None) -> httpx.Response:
        exchange = Exchange(self._app, scope, body)
        work = exchange.run if limit is None else partial(exchange.run_within, limit)
        if self.thread is None:
            run_in_fresh_loop(work, self.backend, self.options)
        else:
            self.thread.run(work)
        failure = self._rules.failure(exchange)
        if failure is not None and exchange.status is None:
            raise failure
        return response_of(exchange, CollectedBody(exchange.chunks, failure))

    def _stream(self, scope: Scope, body: bytes, limit: float | None) -> httpx.Response:
        thread = self.thread or LoopThread(self.backend, self.options)
        stream = StreamedBody(self._app, scope, body, thread, self._rules, limit)
        if self.thread is None:
            stream.owned = thread
        self._open.add(stream)
        stream.start()
        return response_of(stream.exchange, stream)


class StreamedBody(httpx.SyncByteStream):
    """The body of a response that is still being made."""

    def __init__(
        self,
        app: ASGIApp,
        scope: Scope,
        body: bytes,
        thread: LoopThread,
        rules: Rules,
        limit: float | None,
    ) -> None:
        self._inbox: ThreadMailbox[Item] = ThreadMailbox()
        self.exchange = StreamedExchange(app, scope, body, self._inbox)
        self.owned: LoopThread | None = None
        self._thread = thread
        self._rules = rules
        self._limit = limit
        self._ended = False
        self._handled = sys.exception()
        self._guard = finalize(self, thread.post, self.exchange.abandon)
        self._guard.atexit = False

    def start(self) -> None:
        """Start the application and wait for the start of its response."""
        self._thread.spawn(self.exchange.run)
        if isinstance(self._take(), Ended) and self.exchange.status is None:
            self.close()

    def __iter__(self) -> Iterator[bytes]:
        while isinstance(item := self._take(), Chunk):
            self._thread.post(item.taken)
            yield item.data

    def close(self) -> None:
        """End the application, and raise what it raised by itself.

        Nothing is raised on top of another exception.
        """
        self.abort()
        failure = self._rules.failure(self.exchange)
        if failure and not self.exchange.abandoned and sys.exception() is self._handled:
            raise failure

    def abort(self) -> None:
        """End the application, whatever becomes of it: cancel it unless its response was read."""
        if not self._ended:
            self._thread.post(self.exchange.abandon)
            while not self._ended:
                self._take()
        self._guard.detach()
        if self.owned is not None:
            self.owned.__exit__(None, None, None)
            self.owned = None

    def _take(self) -> Item:
        if self._ended:
            return Ended()
        try:
            item = self._inbox.take(self._limit)
        except TimeoutError:
            self._thread.post(self.exchange.cancel)
            raise WaitTimeout(self._limit, self.exchange.awaited) from None
        self._ended = isinstance(item, Ended)
        return item
