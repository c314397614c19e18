"""Server-sent events as a client reads them (WHATWG HTML, section 9.2).

Events and errors are those of httpx2 where it is in use; httpx has none.
"""

import codecs
import json
import re
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .library import httpx

__all__ = [
    "MAX_EVENT_SIZE",
    "EventParser",
    "EventSource",
    "SSEError",
    "ServerSentEvent",
    "sse_headers",
]

MAX_EVENT_SIZE = 1024 * 1024
"""How long one event may be by default, in characters."""

# A carriage return at the end of a piece of text may be half of a line end.
_LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")


class SSEError(httpx.TransportError):
    """A response that is not a stream of server-sent events."""


@dataclass(frozen=True)
class ServerSentEvent:
    """One event. `id` is the last one that was sent, with this event or before."""

    event: str = "message"
    data: str = ""
    id: str = ""
    retry: int | None = None

    def json(self) -> Any:
        """The data, parsed."""
        return json.loads(self.data)


def sse_headers(headers: Any) -> httpx.Headers:
    """A copy of `headers` with those of a request for events, as far as they are not given."""
    complete = httpx.Headers(headers)
    complete.setdefault("accept-encoding", "identity")
    complete.setdefault("accept", "text/event-stream")
    complete.setdefault("cache-control", "no-store")
    return complete


class EventParser:
    """Takes text and gives events; `max_event_size` limits the characters of one, None does not."""

    def __init__(self, max_event_size: int | None = MAX_EVENT_SIZE) -> None:
        self._limit = max_event_size
        self._rest = ""
        self._size = 0
        self._last_id = ""
        self._fields: dict[str, Any] = {}
        self._data: list[str] = []

    def feed(self, text: str) -> Iterator[ServerSentEvent]:
        """The events that `text` completes."""
        *lines, self._rest = _LINE_END.split(self._rest + text)
        for line in lines:
            if line:
                self._field(line)
            else:
                yield from self._dispatch()
        self._check(len(self._rest))

    def end(self) -> Iterator[ServerSentEvent]:
        """The event that the end of the text completes; one without its blank line is dropped."""
        if self._rest == "\r":
            yield from self._dispatch()

    def _dispatch(self) -> Iterator[ServerSentEvent]:
        if self._fields or self._data:
            fields: dict[str, Any] = {
                "data": "\n".join(self._data),
                "id": self._last_id,
            } | self._fields
            yield ServerSentEvent(**fields)
        self._fields, self._data, self._size = {}, [], 0

    def _field(self, line: str) -> None:
        self._size += len(line)
        self._check(0)
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._fields["event"] = value or "message"
        elif name == "id" and "\0" not in value:
            self._last_id = self._fields["id"] = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._fields["retry"] = int(value)

    def _check(self, pending: int) -> None:
        if self._limit is not None and self._size + pending > self._limit:
            raise SSEError(f"A server-sent event is longer than {self._limit} characters.")


class EventSource:
    """The events of a response, by `for` or by `async for`; `SSEError` when it is another type."""

    def __init__(
        self, response: httpx.Response, max_event_size: int | None = MAX_EVENT_SIZE
    ) -> None:
        self.response = response
        self._max_event_size = max_event_size

    def __iter__(self) -> Iterator[ServerSentEvent]:
        parser = self._parser()
        for text in self.response.iter_text():
            yield from parser.feed(text)
        yield from parser.end()

    def __aiter__(self) -> AsyncIterator[ServerSentEvent]:
        pieces: Any = self.response.stream
        return _AsyncEvents(aiter(pieces), self._parser())

    def _parser(self) -> EventParser:
        kind = self.response.headers.get("content-type", "").partition(";")[0].strip()
        if kind.lower() != "text/event-stream":
            raise SSEError(f"Expected content type 'text/event-stream', got {kind!r}.")
        return EventParser(self._max_event_size)


class _AsyncEvents:
    # No generator, neither here nor below, as in `Response.aiter_text()`: a test leaves an endless
    # stream half-way, and trio warns of generators that are left so.

    def __init__(self, pieces: AsyncIterator[bytes], parser: EventParser) -> None:
        self._pieces = pieces
        self._parser = parser
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._events: deque[ServerSentEvent] = deque()

    def __aiter__(self) -> AsyncIterator[ServerSentEvent]:
        return self

    async def __anext__(self) -> ServerSentEvent:
        while not self._events:
            piece = await anext(self._pieces, None)
            if piece is None:
                self._events.extend(self._parser.end())
                break
            self._events.extend(self._parser.feed(self._decode(piece)))
        if not self._events:
            raise StopAsyncIteration
        return self._events.popleft()


if TYPE_CHECKING:
    pass
else:
    SSEError = getattr(httpx, "SSEError", SSEError)
    ServerSentEvent = getattr(httpx, "ServerSentEvent", ServerSentEvent)
