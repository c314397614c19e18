"""One HTTP request and its response, as the application sees them.

Nothing here knows threads or HTTP libraries: an `Exchange` runs in an event loop, gives the
application its `receive` and `send`, and keeps what was sent. Who reads the response decides
between two kinds. `Exchange` collects the whole response. A `StreamedExchange` hands it over piece
by piece through a mailbox, and the application waits in `send` until each piece was taken.
"""

from collections.abc import Callable
from enum import IntEnum
from functools import partial
from typing import Any, NamedTuple

import anyio

from starlette_http.types import ASGIApp, Message, Scope

from .mailbox import Outbox
from .running import Run
from .timeouts import WaitTimeout, time_limit

__all__ = ["Chunk", "Ended", "Exchange", "Item", "Started", "StreamedExchange"]

RawHeaders = list[tuple[bytes, bytes]]


class Stage(IntEnum):
    """What the application has to send next."""

    START = 0
    BODY = 1
    TRAILERS = 2
    NOTHING = 3


_AWAITED = {
    Stage.START: "start the response",
    Stage.BODY: "go on with the body of the response",
    Stage.TRAILERS: "send the trailers of the response",
    Stage.NOTHING: "return, after its complete response",
}

_MISSING = {
    Stage.BODY: "the end of the body",
    Stage.TRAILERS: "the declared trailers",
}

_BODY_ERRORS = {
    Stage.START: 'without "http.response.start".',
    Stage.TRAILERS: "after body completed.",
    Stage.NOTHING: "after response completed.",
}

_TRAILERS_ERRORS = {
    Stage.BODY: "before body completed.",
    Stage.NOTHING: "after response completed.",
}


class Exchange:
    """A request whose response is collected.

    After `run()`: `status` is None if no response was started, `error` is what the application
    raised, and `extensions` are those of the response (trailers, debug information, early hints).
    """

    def __init__(self, app: ASGIApp, scope: Scope, body: bytes) -> None:
        self.app = app
        self.scope = scope
        self.status: int | None = None
        self.headers: RawHeaders = []
        self.chunks: list[bytes] = []
        self.extensions: dict[str, Any] = {}
        self.error: BaseException | None = None
        self.cancelled: bool = False
        self.stage: Stage = Stage.START
        self._request: Message | None = {"type": "http.request", "body": body}
        self._trailers: RawHeaders | None = None
        self._complete: anyio.Event | None = None

    async def run(self) -> None:
        """Run the application to its end, and keep what it raises in `error`."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except anyio.get_cancelled_exc_class():
            self.cancelled = True
            raise
        except BaseException as exc:
            self.error = exc

    async def run_within(self, seconds: float | None) -> None:
        """Run the application for at most `seconds`; then cancel it, with WaitTimeout as error."""
        try:
            with time_limit(seconds, self.awaited):
                await self.run()
        except WaitTimeout as exc:
            self.error = exc

    def awaited(self) -> str:
        """What the application has not done yet."""
        return f"{_AWAITED[self.stage]} ({self.scope['method']} {self.scope['path']})"

    @property
    def missing(self) -> str | None:
        """The part that a started response lacks."""
        return _MISSING.get(self.stage)

    async def receive(self) -> Message:
        """The request at first, then the disconnect that follows the response."""
        if self._request is not None:
            message, self._request = self._request, None
            return message
        if self.stage is not Stage.NOTHING:
            self._complete = self._complete or anyio.Event()
            await self._complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a message of the response; AssertionError when it is not its turn."""
        kind = message["type"]
        if kind == "http.response.body":
            await self._take_body(message)
        elif kind in _TAKERS:
            _TAKERS[kind](self, message)

    async def _take_body(self, message: Message) -> None:
        if self.stage is not Stage.BODY:
            raise AssertionError(f'Received "http.response.body" {_BODY_ERRORS[self.stage]}')
        chunk = bytes(message.get("body", b""))
        last = not message.get("more_body", False)
        if chunk and self.scope["method"] != "HEAD":
            await self._offer(chunk, last)
        if last:
            self._enter(Stage.NOTHING if self._trailers is None else Stage.TRAILERS)

    async def _offer(self, chunk: bytes, last: bool) -> None:
        self.chunks.append(chunk)
        if not last:  # an endless body must not keep a time limit from acting
            await anyio.lowlevel.checkpoint()

    def _take_start(self, message: Message) -> None:
        if self.stage is not Stage.START:
            raise AssertionError('Received multiple "http.response.start" messages.')
        self.status = message["status"]
        self.headers = [(name, value) for name, value in message.get("headers", ())]
        if message.get("trailers", False):
            self._trailers = self.extensions["http.response.trailers"] = []
        self._enter(Stage.BODY)

    def _take_trailers(self, message: Message) -> None:
        if self._trailers is None:
            raise AssertionError('Received "http.response.trailers" without declaring trailers.')
        if self.stage is not Stage.TRAILERS:
            error = _TRAILERS_ERRORS[self.stage]
            raise AssertionError(f'Received "http.response.trailers" {error}')
        self._trailers.extend((name, value) for name, value in message.get("headers", ()))
        if not message.get("more_trailers", False):
            self._enter(Stage.NOTHING)

    def _take_debug(self, message: Message) -> None:
        self.extensions["http.response.debug"] = message["info"]

    def _take_early_hint(self, message: Message) -> None:
        hints = self.extensions.setdefault("http.response.early_hint", [])
        hints.append(list(message.get("links", ())))

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        if stage is Stage.NOTHING and self._complete is not None:
            self._complete.set()


_TAKERS: dict[str, Callable[[Exchange, Message], None]] = {
    "http.response.start": Exchange._take_start,
    "http.response.trailers": Exchange._take_trailers,
    "http.response.debug": Exchange._take_debug,
    "http.response.early_hint": Exchange._take_early_hint,
}


class Started(NamedTuple):
    """The response has a status and headers."""


class Chunk(NamedTuple):
    """A piece of the body. Calling `taken` in the loop lets the application go on."""

    data: bytes
    taken: Callable[[], object]


class Ended(NamedTuple):
    """The application is over."""


Item = Started | Chunk | Ended


class StreamedExchange(Exchange):
    """A request whose response goes out piece by piece: `Started`, any `Chunk`s, `Ended`.

    A `polite` one tells an application whose response is no longer wanted by `http.disconnect`
    and waits for it to return; otherwise the application is cancelled.
    """

    def __init__(
        self, app: ASGIApp, scope: Scope, body: bytes, outbox: Outbox[Item], polite: bool
    ) -> None:
        super().__init__(app, scope, body)
        self.abandoned: bool = False
        self._outbox = outbox
        self._polite = polite
        self._read = False
        self._pending: anyio.Event | None = None
        self._run = Run()

    async def run(self) -> None:
        """Run the application until it ends or is cancelled."""
        await self._run.of(super().run, partial(self._outbox.put, Ended()))

    def abandon(self) -> None:
        """Stop the application, unless its response was read to the end; called in its loop."""
        if self._run.ended or self._read or self.stage > Stage.BODY:
            return
        self.abandoned = True
        if self._polite:
            self._disconnect()
        else:
            self.cancel()

    def cancel(self) -> None:
        """Cancel the application; called in its loop."""
        self._run.cancel()

    def _disconnect(self) -> None:
        self._complete = self._complete or anyio.Event()
        self._complete.set()
        if self._pending is not None:
            self._pending.set()

    async def _offer(self, chunk: bytes, last: bool) -> None:
        if self.abandoned:  # a server drops what the application sends to nobody
            await anyio.lowlevel.checkpoint()
            return
        self._pending = anyio.Event()
        self._outbox.put(Chunk(chunk, partial(self._taken, self._pending, last)))
        await self._pending.wait()

    def _taken(self, pending: anyio.Event, last: bool) -> None:
        self._read = last
        pending.set()

    def _enter(self, stage: Stage) -> None:
        super()._enter(stage)
        if stage is Stage.BODY:
            self._outbox.put(Started())
