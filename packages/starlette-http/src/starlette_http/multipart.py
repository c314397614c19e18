"""Multipart forms (`multipart/form-data`, RFC 7578): bytes in, events out.

python-multipart finds the parts. The decoder here is the object that it calls back: it reads the
head of each part, enforces the limits, and lists what happened in the chunk it was fed. It never
waits, so that a form that is collected and an upload that is streamed stand on the same rules.
"""

import re
from dataclasses import dataclass, field
from encodings.aliases import aliases
from typing import Any

from .form_errors import FormTooLarge, MultiPartException, readable_size
from .headers import Headers
from .uploads import UploadFile

__all__ = ["Event", "MultipartDecoder", "MultipartPart"]

# What the charset parameter may name. Other labels mean latin-1: Python's registry also has codecs
# that are no text encodings or take quadratic time, and remembers every unknown label for ever.
_TEXT_CODECS = {name for name in aliases.values() if not name.endswith("_codec")} - {
    "rot_13",
    "mbcs",
}
_TEXT_CODECS |= {"cp874", "koi8_u", "utf_8_sig"}  # that have no alias


@dataclass
class MultipartPart:
    """One part of a form: what its headers say, and what it holds once it is collected.

    `filename` is None for text and a str, perhaps "", for a file.
    """

    content_disposition: bytes | None = None
    field_name: str = ""
    data: bytearray = field(default_factory=bytearray)
    file: UploadFile | None = None
    item_headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    filename: str | None = None


Event = MultipartPart | bytes | None
"""A part begins (its head), goes on (bytes of its content), or ends (None)."""


class MultipartDecoder:
    """Takes the chunks of a body with `feed()`, which gives the events in it.

    Call `start()` first and `finish()` last.

    Parameters:
        headers: of the request; `content-type` gives the boundary, and the charset of text.
        max_files, max_fields: how many parts of each kind there may be.
        max_part_size: bytes of one text part.
        max_file_size: bytes of one file, None for any number.
        max_memory: bytes of all text parts together.

    Malformed input and exceeded limits are MultiPartExceptions. The methods whose names begin with
    `on_` are called by the parser.
    """

    def __init__(
        self,
        headers: Headers,
        *,
        max_files: float = 1000,
        max_fields: float = 1000,
        max_part_size: int = 1024 * 1024,
        max_file_size: int | None = None,
        max_memory: int = 16 * 1024 * 1024,
    ) -> None:
        self.headers = headers
        self.max_files = max_files
        self.max_fields = max_fields
        self.max_part_size = max_part_size
        self.max_file_size = max_file_size
        self.max_memory = max_memory
        self._charset = "utf-8"
        self._files = 0
        self._fields = 0
        self._memory_room = max_memory
        # What the part that has begun may have, and has.
        self._limit: float = 0
        self._size = 0
        self._name = b""
        self._value = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._begun = False
        self._in_part = False
        self._events: list[Event] = []

    def start(self) -> None:
        """Read the boundary, and load the parser: an AssertionError if it is not installed."""
        try:
            from python_multipart.exceptions import FormParserError
            from python_multipart.multipart import MultipartParser, parse_options_header
        except ImportError:
            raise AssertionError(
                "The `python-multipart` library must be installed to use form parsing."
                " Install it with: pip install 'starlette-http[forms]'"
            ) from None
        content_type = self.headers.get("content-type", "")
        if usual := _USUAL_CONTENT_TYPE(content_type):
            options = {b"boundary": usual[1].encode()}
        else:
            _, options = parse_options_header(content_type)
        if not options.get(b"boundary"):
            raise MultiPartException("Missing boundary in multipart.")
        if b"charset" in options:
            self._charset = _codec(options[b"charset"])
        self._library_error = FormParserError
        try:
            self._parser: Any = MultipartParser(options[b"boundary"], self._callbacks())
        except FormParserError as exc:
            raise MultiPartException("Invalid multipart data.") from exc

    def _callbacks(self) -> Any:
        return {
            "on_part_begin": self.on_part_begin,
            "on_header_field": self.on_header_field,
            "on_header_value": self.on_header_value,
            "on_header_end": self.on_header_end,
            "on_headers_finished": self.on_headers_finished,
            "on_part_data": self.on_part_data,
            "on_part_end": self.on_part_end,
            "on_end": self.on_end,
        }

    def feed(self, data: bytes) -> list[Event]:
        """Take the next chunk and give what it holds, in order."""
        self._events = []
        data = bytes(data)
        if not self._begun:
            # What the parser makes of blank lines before the form depends on where a chunk ends.
            data = data.lstrip(b"\r\n")
            self._begun = bool(data)
        try:
            self._parser.write(data)
        except self._library_error as exc:
            raise MultiPartException("Invalid multipart data.") from exc
        return self._events

    def finish(self) -> None:
        """Tell that the body is complete; a part that has not ended makes it malformed."""
        if self._in_part:
            raise MultiPartException("Invalid multipart data.")

    def decode(self, text: bytes | bytearray) -> str:
        """Decode with the charset of the form, or latin-1 where that does not fit."""
        try:
            return text.decode(self._charset)
        except UnicodeDecodeError:
            return text.decode("latin-1")

    def on_part_begin(self) -> None:
        self._in_part = True
        # Only the last boundary ends that, so that the parts after the first need not tell.
        del self._parser.callbacks["on_part_begin"]

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self._headers.append((self._name.lower(), self._value))
        self._name = self._value = b""

    def on_headers_finished(self) -> None:
        headers, self._headers = self._headers, []
        disposition = None
        for key, value in headers:
            if key == b"content-disposition":
                disposition = value
        if usual := _USUAL_DISPOSITION(disposition or b""):
            name, filename = usual.groups()
        else:
            name, filename = _name_and_filename(disposition)
        if filename is None:
            most, room = self.max_part_size, self._memory_room
            self._limit = most if most < room else room
            self._fields += 1
            if self._fields > self.max_fields:
                raise _too_many("fields", self.max_fields)
        else:
            filename = self.decode(filename)
            self._limit = float("inf") if self.max_file_size is None else self.max_file_size
            self._files += 1
            if self._files > self.max_files:
                raise _too_many("files", self.max_files)
        # All arguments by position: that call is a third cheaper than one that leaves out the last.
        part = self._part = MultipartPart(
            disposition, self.decode(name), bytearray(), None, headers, filename
        )
        self._begin(part)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._size > self._limit:
            raise self._too_large()
        self._add(data[start:end])

    def on_part_end(self) -> None:
        if self._part.filename is None:
            self._memory_room -= self._size
        self._size = 0
        self._end()

    def on_end(self) -> None:
        self._in_part = False

    # What becomes of a part. Who collects a form does that at once, without a list of events.

    def _begin(self, part: MultipartPart) -> None:
        self._events.append(part)

    def _add(self, data: bytes) -> None:
        self._events.append(data)

    def _end(self) -> None:
        self._events.append(None)

    def _too_large(self) -> MultiPartException:
        if self._part.filename is not None:
            limit = readable_size(self.max_file_size or 0)
            return FormTooLarge(f"File exceeded maximum size of {limit}.")
        if self._memory_room < self.max_part_size:
            limit = readable_size(self.max_memory)
            return FormTooLarge(f"Form fields exceeded maximum size of {limit} together.")
        limit = readable_size(self.max_part_size)
        return MultiPartException(f"Part exceeded maximum size of {limit}.")


def _name_and_filename(disposition: bytes | None) -> tuple[bytes, bytes | None]:
    from python_multipart.multipart import parse_options_header

    _, options = parse_options_header(disposition)
    if (name := options.get(b"name")) is None:
        raise MultiPartException('The Content-Disposition header field "name" must be provided.')
    return name, options.get(b"filename")


def _too_many(kind: str, most: float) -> MultiPartException:
    return MultiPartException(f"Too many {kind}. Maximum number of {kind} is {most}.")


# What browsers and clients write, read at once. Anything else, and escapes, are the library's.
_USUAL_CONTENT_TYPE = re.compile(r"multipart/form-data; boundary=([A-Za-z0-9_.-]+)").fullmatch
_USUAL_DISPOSITION = re.compile(
    rb'form-data; name="([^"\\]*)"(?:; filename="([^"\\]*)")?'
).fullmatch


def _codec(label: bytes) -> str:
    name = label.decode("latin-1").lower().replace("-", "_")
    name = aliases.get(name, name)
    return name if name in _TEXT_CODECS else "latin-1"
