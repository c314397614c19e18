"""Streamed uploads: the parts of a multipart form as they arrive.

    async for part in request.parts():
        async for chunk in part:
            ...

Nothing is kept but the chunk that was received last. These are plain iterators with nothing to
close: a loop over them may be left at any time.
"""

from collections import deque
from collections.abc import Awaitable, Callable

from .form_errors import answered_as_http
from .headers import Headers
from .multipart import Event, MultipartDecoder, MultipartPart
from .types import Scope

__all__ = ["Part", "Parts"]


class Part:
    """One part of a form: iterate over it for its content, which can be had once.

    Attributes:
        name: of the form field.
        filename: as the client named it, None for a text field. Never use it as a path without
            checking it.
        is_file: whether the client sent this as a file.
        headers: of the part.
    """

    def __init__(self, head: MultipartPart, parts: "Parts") -> None:
        self.name: str = head.field_name
        self.filename: str | None = head.filename
        self.is_file: bool = head.filename is not None
        self.headers: Headers = Headers(raw=head.item_headers)
        self._parts = parts
        self._ended = False
        self._skipped = False

    @property
    def content_type(self) -> str | None:
        """The media type that the client gave this part."""
        return self.headers.get("content-type")

    def __aiter__(self) -> "Part":
        return self

    async def __anext__(self) -> bytes:
        if self._skipped:
            raise RuntimeError(
                f"The part {self.name!r} was skipped: read it before asking for the next one."
            )
        event = None if self._ended else await self._parts._next_event()
        if isinstance(event, bytes):
            return event
        self._ended = True
        raise StopAsyncIteration

    async def read(self) -> bytes:
        """Read what is left of the part into memory; `max_file_size` limits a file."""
        return b"".join([chunk async for chunk in self])

    async def text(self) -> str:
        """Read the part as text in the charset of the form."""
        return self._parts._decoder.decode(await self.read())

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, filename={self.filename!r})"


class Parts:
    """An iterator over the parts of a form. What was not read of a part is skipped.

    Made by `Request.parts()`: `receive` gives the next chunk of the body, and None at its end.
    """

    def __init__(
        self,
        decoder: MultipartDecoder,
        receive: Callable[[], Awaitable[bytes | None]],
        scope: Scope,
    ) -> None:
        self._decoder = decoder
        self._receive = receive
        self._scope = scope
        self._events: deque[Event] = deque()
        self._part: Part | None = None

    def __aiter__(self) -> "Parts":
        return self

    async def __anext__(self) -> Part:
        await self._skip()
        head = await self._next_event()
        if not isinstance(head, MultipartPart):
            raise StopAsyncIteration
        self._part = Part(head, self)
        return self._part

    async def _skip(self) -> None:
        part = self._part
        if part is not None and not part._ended:
            async for _ in part:
                pass
            part._skipped = True

    async def _next_event(self) -> Event:
        """The next event, or None when the body has ended."""
        while not self._events:
            chunk = await self._receive()
            with answered_as_http(self._scope):
                if chunk is None:
                    self._decoder.finish()
                    return None
                self._events.extend(self._decoder.feed(chunk))
        return self._events.popleft()
