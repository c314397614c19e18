"""One HTTP request and its response, as the application sees them.

Nothing here knows threads or HTTP libraries: an `Exchange` runs in an event loop, gives the
application its `receive` and `send`, and keeps what was sent. Who reads the response decides
between two kinds. `Exchange` collects the whole response. A `StreamedExchange` hands it over piece
by piece through a mailbox, and the application waits in `send` until each piece was taken.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

import anyio

from starlette_http.types import ASGIApp, Message, Scope

from .timeouts import WaitTimeout

__all__ = ["Chunk", "Ended", "Exchange", "Item", "Started", "StreamedExchange"]

RawHeaders = list[tuple[bytes, bytes]]


class Stage(IntEnum):
    """What the application has to send next."""

    START = 0
    BODY = 1
    TRAILERS = 2
    NOTHING = 3


# What a test waits for when the application is in that stage.
_AWAITED = {
    Stage.START: "start the response",
    Stage.BODY: "finish the body of the response",
    Stage.TRAILERS: "send the trailers of the response",
    Stage.NOTHING: "return, after its complete response",
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
    raised, `extensions` are the response's (trailers, debug information, early hints).
    """

    def __init__(self, app: ASGIApp, scope: Scope, body: bytes) -> None:
        self.app = app
        self.scope = scope
        self.status: int | None = None
        self.headers: RawHeaders = []
        self.chunks: list[bytes] = []
        self.extensions: dict[str, Any] = {}
        self.error: BaseException | None = None
        self.stage = Stage.START
        self._request: Message | None = {"type": "http.request", "body": body}
        self._trailers: RawHeaders | None = None
        self._complete: anyio.Event | None = None

    async def run(self) -> None:
        """Run the application to its end, and keep what it raises in `error`."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except anyio.get_cancelled_exc_class() as exc:
            self.error = exc
            raise
        except BaseException as exc:
            self.error = exc

    async def run_within(self, seconds: float) -> None:
        """Run the application for at most `seconds`; then cancel it and say what was missing."""
        with anyio.move_on_after(seconds) as limit:
            await self.run()
        if limit.cancelled_caught:
            self.error = WaitTimeout(seconds, self.awaited)

    @property
    def awaited(self) -> str:
        """What the application has not done yet."""
        method, path = self.scope["method"], self.scope["path"]
        return f"the application to {_AWAITED[self.stage]} ({method} {path})"

    @property
    def missing(self) -> str:
        """The part of a started response that was never sent; "" for a complete one."""
        return {
            Stage.BODY: "the end of the body",
            Stage.TRAILERS: "the declared trailers",
        }.get(self.stage, "")

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
        elif kind in _RECORDERS:
            _RECORDERS[kind](self, message)

    async def _take_body(self, message: Message) -> None:
        if self.stage is not Stage.BODY:
            raise AssertionError(f'Received "http.response.body" {_BODY_ERRORS[self.stage]}')
        chunk = bytes(message.get("body", b""))
        last = not message.get("more_body", False)
        if chunk and self.scope["method"] != "HEAD":
            await self._offer(chunk, last)
        if last:
            self._advance(Stage.NOTHING if self._trailers is None else Stage.TRAILERS)

    async def _offer(self, chunk: bytes, last: bool) -> None:
        self.chunks.append(chunk)

    def _take_start(self, message: Message) -> None:
        if self.stage is not Stage.START:
            raise AssertionError('Received multiple "http.response.start" messages.')
        self.status = message["status"]
        self.headers = [(name, value) for name, value in message.get("headers", ())]
        if message.get("trailers", False):
            self._trailers = self.extensions["http.response.trailers"] = []
        self._advance(Stage.BODY)

    def _take_trailers(self, message: Message) -> None:
        if self._trailers is None:
            raise AssertionError('Received "http.response.trailers" without declaring trailers.')
        if self.stage is not Stage.TRAILERS:
            error = _TRAILERS_ERRORS[self.stage]
            raise AssertionError(f'Received "http.response.trailers" {error}')
        self._trailers.extend((name, value) for name, value in message.get("headers", ()))
        if not message.get("more_trailers", False):
            self._advance(Stage.NOTHING)

    def _take_debug(self, message: Message) -> None:
        self.extensions["http.response.debug"] = message["info"]

    def _take_early_hint(self, message: Message) -> None:
        hints = self.extensions.setdefault("http.response.early_hint", [])
        hints.append(list(message.get("links", ())))

    def _advance(self, stage: Stage) -> None:
        self.stage = stage
        if stage is Stage.NOTHING and self._complete is not None:
            self._complete.set()


_RECORDERS: dict[str, Callable[[Exchange, Message], None]] = {
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


class Outbox(Protocol):
    """Where a streamed response goes."""

    @property
    def put(self) -> Callable[[Item], None]: ...


class StreamedExchange(Exchange):
    """A request whose response goes out piece by piece: `Started`, any `Chunk`s, `Ended`."""

    def __init__(self, app: ASGIApp, scope: Scope, body: bytes, outbox: Outbox) -> None:
        super().__init__(app, scope, body)
        self.abandoned = False
        self._outbox = outbox
        self._read_to_end = False
        self._ended = False
        self._cancel_scope: anyio.CancelScope | None = None

    async def run(self) -> None:
        """Run the application until it ends or is cancelled."""
        try:
            with anyio.CancelScope() as self._cancel_scope:
                await super().run()
        finally:
            self._ended = True
            self._outbox.put(Ended())

    def abandon(self) -> None:
        """Cancel the application unless its response was read to the end; called in its loop."""
        if not self._ended and not self._read_to_end and self.stage <= Stage.BODY:
            self.abandoned = True
            self.cancel()

    def cancel(self) -> None:
        """Cancel the application; called in its loop."""
        if self._cancel_scope is not None:
            self._cancel_scope.cancel()

    async def _offer(self, chunk: bytes, last: bool) -> None:
        taken = anyio.Event()

        def take() -> None:
            self._read_to_end = last
            taken.set()

        self._outbox.put(Chunk(chunk, take))
        await taken.wait()

    def _advance(self, stage: Stage) -> None:
        super()._advance(stage)
        if stage is Stage.BODY:
            self._outbox.put(Started())
