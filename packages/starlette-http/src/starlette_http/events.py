"""Server-sent events (WHATWG HTML, section 9.2).

    async def ticks():
        for number in itertools.count():
            yield ServerSentEvent(str(number), event="tick", id=str(number))
            await anyio.sleep(1)

    async def endpoint(request):
        return EventSourceResponse(ticks(), shutdown=request.state.shutting_down)

A stream of events is expected to last, so it ends in more ways than other responses do: with its
iterator; when the client leaves; by cancellation, which is how a server ends what outlasts its
graceful timeout; and when `shutdown` is set, an event of the application's own. In each of them
the iterator is closed before the response returns.

Servers end their connections before they run the end of the lifespan: set the event where the
process learns that it shall stop, such as in a signal handler with `loop.call_soon_threadsafe`.
"""

import contextlib
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, overload

import anyio

from .background import BackgroundTask
from .concurrency import create_collapsing_task_group
from .disconnects import cancel_after, send_to_client
from .requests import ClientDisconnect, HTTPConnection
from .response import two_argument_call
from .streaming import AsyncContentStream, StreamingResponse, as_async_iterable, close_iterator
from .types import Message, Receive, Scope, Send

__all__ = ["EventSourceResponse", "ServerSentEvent", "last_event_id"]

_lines = re.compile("\r\n|\r|\n").split
_ends_field = re.compile("[\r\n\0]").search

_KEEP_ALIVE = b": keep-alive\n\n"


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One block of an event stream.

    `data` is what the client's handler gets, lines and all; without it (None) no handler runs, but
    the other fields still count. `event` names the handler, "message" if not given. `id` is sent
    back as Last-Event-ID when the client reconnects, which it does after `retry` milliseconds.
    `comment` is for who reads the wire. ValueError for a line break or NUL in `event` or `id`,
    which would end the field, and for a negative `retry`; `dataclasses.replace` makes an event with
    other fields.
    """

    data: str | None = None
    event: str | None = None
    id: str | None = None
    retry: int | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("event", self.event), ("id", self.id)):
            if value is not None and _ends_field(value):
                raise ValueError(f"{name} {value!r} must not contain a line break or NUL.")
        if self.retry is not None and self.retry < 0:
            raise ValueError(f"retry is in milliseconds and cannot be {self.retry!r}.")

    def encode(self) -> bytes:
        """The block as it is sent, with the blank line that ends it."""
        lines = [] if self.comment is None else [f": {line}" for line in _lines(self.comment)]
        fields = (("event", self.event), ("id", self.id), ("retry", self.retry))
        lines += [f"{name}: {value}" for name, value in fields if value is not None]
        return _block(lines if self.data is None else lines + _data(self.data))


def _data(data: str) -> list[str]:
    return [f"data: {line}" for line in _lines(data)]


def _block(lines: list[str]) -> bytes:
    # Strings may hold lone surrogates, which come from the outside: JSON can spell them.
    return "\n".join([*lines, "", ""]).encode("utf-8", "replace")


def last_event_id(connection: HTTPConnection) -> str | None:
    """The id of the last event that a client saw before it reconnected; None on its first visit."""
    header = connection.headers.get("last-event-id")
    # Browsers send it in UTF-8, and headers are read as latin-1.
    return None if header is None else header.encode("latin-1").decode("utf-8", "replace")


class EventSourceResponse(StreamingResponse):
    """Send server-sent events as an iterator yields them.

    `content` is async, or sync and then run in worker threads; it yields `ServerSentEvent`, or str
    for one with that data. No silence lasts longer than `keep_alive_seconds` (15 by default, None
    for any length): a comment is sent, which keeps proxies from closing the connection and finds
    out whether the client is still there. When `shutdown` is set the stream ends as if complete,
    and the client reconnects; one that has stopped reading is cut off. A HEAD request gets the
    headers alone.

    The client leaving is no error here: `background` runs in that case too. The response must not
    be cached, and says so to proxies that would buffer it (Cache-Control, X-Accel-Buffering).
    """

    media_type: str | None = "text/event-stream"
    shutdown_seconds: float = 1
    """How long after `shutdown` the client may take to receive the last event and the end."""

    def __init__(
        self,
        content: AsyncIterable[ServerSentEvent | str] | Iterable[ServerSentEvent | str],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        background: BackgroundTask | None = None,
        *,
        keep_alive_seconds: float | None = 15,
        shutdown: "anyio.Event | None" = None,
    ) -> None:
        if keep_alive_seconds is not None and keep_alive_seconds <= 0:
            raise ValueError(f"keep_alive_seconds must be positive, not {keep_alive_seconds!r}.")
        self.keep_alive_seconds = keep_alive_seconds
        self.shutdown = shutdown
        encoded = _Encoded(aiter(as_async_iterable(content)))
        super().__init__(encoded, status_code, headers, background=background)
        self.headers.setdefault("cache-control", "no-store")
        self.headers.setdefault("x-accel-buffering", "no")

    @overload
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...
    @overload
    async def __call__(self, *args: Any, **kwargs: Any) -> None: ...
    async def __call__(self, scope: Any = None, receive: Any = None, send: Any = None) -> None:
        if send is None or scope is None:
            scope, receive, send = two_argument_call(scope, receive, send)
        if scope["type"] == "websocket":
            receive, send = None, self._wrap_websocket_denial_send(send)
        wire = _Wire(send)
        try:
            if scope.get("method") == "HEAD":
                await close_iterator(aiter(self.body_iterator))
                self.body_iterator: AsyncContentStream = as_async_iterable(())
            await self._stream(wire, receive)
        except ClientDisconnect:
            pass
        if self.background is not None:
            await self.background()

    async def _stream(self, wire: "_Wire", receive: Receive | None) -> None:
        async with create_collapsing_task_group() as group:
            scope = group.cancel_scope
            if receive is not None:
                group.start_soon(cancel_after, scope, self.listen_for_disconnect, receive)
            if self.keep_alive_seconds is not None:
                group.start_soon(cancel_after, scope, wire.keep_alive, self.keep_alive_seconds)
            with anyio.CancelScope() as streaming:
                if self.shutdown is not None:
                    stop = wire.stop_on, self.shutdown, streaming, self.shutdown_seconds
                    group.start_soon(cancel_after, scope, *stop)
                await self.stream_response(wire)
            if streaming.cancelled_caught:
                wire.stopping = None  # which lets the end pass
                await send_to_client(wire, _body(b"", more_body=False))
            scope.cancel()


class _Encoded:
    """The events of an iterator as bytes; closing it closes that iterator."""

    def __init__(self, events: AsyncIterator[ServerSentEvent | str]) -> None:
        self.events = events

    def __aiter__(self) -> "_Encoded":
        return self

    async def __anext__(self) -> bytes:
        event = await anext(self.events)
        return _block(_data(event)) if isinstance(event, str) else event.encode()

    async def aclose(self) -> None:
        await close_iterator(self.events)


class _Wire:
    """The `send` of one stream, which also keeps it alive and stops it: between its messages."""

    __slots__ = ("begun", "open", "pinging", "quiet", "send", "stopping")

    def __init__(self, send: Send) -> None:
        self.send = send
        self.begun = anyio.Event()
        # Between two messages, and so since the last look.
        self.open = self.quiet = False
        self.pinging: anyio.Event | None = None
        self.stopping: anyio.CancelScope | None = None

    async def __call__(self, message: Message) -> None:
        if self.pinging is not None:
            await self.pinging.wait()
        if self.stopping is not None:
            await anyio.sleep_forever()  # the cancellation is on its way
        self.open = self.quiet = False
        await self.send(message)
        self._sent(message.get("more_body", True))
        if message["type"] == "http.response.start":
            self.begun.set()

    async def stop_on(
        self, shutdown: "anyio.Event", streaming: "anyio.CancelScope", seconds: float
    ) -> None:
        """Cancel `streaming` between two messages, and return when the end had these seconds."""
        await self.begun.wait()  # nobody takes what was never begun for complete
        await shutdown.wait()
        self.stopping = streaming
        self._sent(self.open)
        await anyio.sleep(seconds)

    def _sent(self, more: bool) -> None:
        self.open = more
        if more and self.stopping is not None:
            self.stopping.cancel()

    async def keep_alive(self, seconds: float) -> None:
        """Send a comment before a silence lasts `seconds`; return when the client has left."""
        due = False
        with contextlib.suppress(OSError):
            while True:
                # A client that is slow to take an event is busy, not forgotten.
                self.quiet = self.open
                await anyio.sleep(seconds / 2)
                # The half after a comment is too early for another, also if all of it was silent.
                due = not (due and self.quiet)
                if not due:
                    await self._ping()

    async def _ping(self) -> None:
        self.open, self.pinging = False, anyio.Event()
        try:
            await self.send(_body(_KEEP_ALIVE, more_body=True))
            self._sent(True)
        finally:
            self.pinging.set()
            self.pinging = None


def _body(body: bytes, *, more_body: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more_body}
