"""`FileResponse`: a file from disk, whole or in ranges.

What is in the kernel's memory is opened and read on the event loop, where that can be told (see
`page_cache`). Everything else runs in worker threads, a few chunks for every hop: a file smaller
than `READ_AHEAD` is opened, examined, read and closed in one. It is opened before anything is sent,
and what the headers say is taken from the open file, so that the body has exactly that length: of
a file that grew the rest is left out, and one that shrank is an error that breaks the connection.
"""

import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from email.utils import formatdate
from functools import lru_cache
from mimetypes import guess_type
from typing import Any, overload
from urllib.parse import quote

from anyio.lowlevel import checkpoint

from .background import BackgroundTask
from .concurrency import run_in_threadpool
from .disconnects import send_raises_on_disconnect, send_to_client, send_until_disconnect
from .headers import Headers, encode_header
from .page_cache import admit, open_cached, read_cached
from .ranges import (
    MalformedRangeHeader,
    Range,
    RangeNotSatisfiable,
    content_range,
    if_range_matches,
    multipart_byteranges,
    parse_ranges,
)
from .response import EMPTY_STATUSES, PlainTextResponse, Response, two_argument_call
from .types import Message, Receive, Scope, Send

__all__ = ["READ_AHEAD", "FileResponse"]

READ_AHEAD = 256 * 1024
"""How many bytes one hop to a worker thread reads, if chunks are not larger than that.

What is in memory is read on the event loop, which gets to its other tasks after as many bytes.
"""

Pairs = tuple[tuple[bytes, bytes], ...]
_ACCEPT_RANGES: Pairs = ((b"accept-ranges", b"bytes"),)
# A pipe that took the place of the file must not block the thread.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class FileResponse(Response):
    """Send the file at `path`, or the ranges of it that the client asks for (RFC 9110, section 14).

    `media_type` is guessed from `filename` or `path` if not given. With `filename` there is a
    Content-Disposition of the given type. Content-Length, Last-Modified and ETag are taken from
    the file, where `headers` have no such field; `stat_result` gives them from the start and
    spares looking for the file before it is opened. The response never answers 304 by itself. As a
    1xx, 204 or 304 it has no body (RFC 9110, section 6.4.1), and no Content-Length of its own.

    A RuntimeError, before anything is sent, if `path` is no regular file, or is missing and there
    is no `stat_result`; other errors of opening it pass through. Servers that offer
    `http.response.pathsend` get the path alone.
    """

    chunk_size = 64 * 1024
    """Bytes in one message."""
    max_ranges = 100
    """A Range header of more members is ignored."""
    _stat_headers: Pairs = ()
    _size: int | None = None
    """The size of the file that the headers tell of."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        filename: str | None = None,
        stat_result: os.stat_result | None = None,
        content_disposition_type: str = "attachment",
    ) -> None:
        self.path = path
        self.status_code = status_code
        if media_type is None:
            media_type = guess_type(filename or path)[0] or "application/octet-stream"
        self.media_type: str | None = media_type
        self.background = background
        self.filename = filename
        self.stat_result = stat_result
        self.init_headers(headers)
        self._set_missing(_ACCEPT_RANGES)
        if filename is not None:
            disposition = _disposition(content_disposition_type, filename)
            self._set_missing((encode_header("content-disposition", disposition),))
        if stat_result is not None:
            self.set_stat_headers(stat_result)

    def set_stat_headers(self, stat_result: os.stat_result) -> None:
        """Set the headers that depend on the file, except those that somebody else has set."""
        previous, self._size = self._stat_headers, stat_result.st_size
        length, *others = _headers_of_file(stat_result.st_size, stat_result.st_mtime)
        # Servers that see a length wait for a body, which these do not have.
        has_body = self.status_code not in EMPTY_STATUSES
        self._stat_headers = (length, *others) if has_body else tuple(others)
        if previous:
            headers = self.headers.raw
            headers[:] = [pair for pair in headers if pair not in previous]
        self._set_missing(self._stat_headers)

    def _set_missing(self, pairs: Pairs) -> None:
        headers = self.headers.raw
        present = [name for name, _ in headers]
        headers += [pair for pair in pairs if pair[0] not in present]

    def open_file(self) -> int:
        """A descriptor to read the file; called in a worker thread, and at most once a request."""
        if self.stat_result is None:
            try:
                _check_is_file(self.path, os.stat(self.path))
            except FileNotFoundError:
                raise RuntimeError(f"File at path {self.path} does not exist.") from None
        return os.open(self.path, _READ)

    def open_cached_file(self) -> tuple[int, os.stat_result] | None:
        """The same on the event loop, and the status: if all is in memory, and `open_file` ours."""
        if type(self).open_file is not FileResponse.open_file:
            return None
        opened = open_cached(os.fspath(self.path))
        if opened is not None and not stat.S_ISREG(opened[1].st_mode):
            os.close(opened[0])
            return None
        return opened

    def generate_multipart(
        self, ranges: Sequence[Range], boundary: str, max_size: int, content_type: str
    ) -> tuple[int, Callable[[int, int], bytes]]:
        """The length of a body of these ranges, and a function that makes a part's header."""
        return multipart_byteranges(ranges, boundary, max_size, content_type)

    @overload
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...
    @overload
    async def __call__(self, *args: Any, **kwargs: Any) -> None: ...
    async def __call__(self, scope: Any = None, receive: Any = None, send: Any = None) -> None:
        if send is None or scope is None:
            scope, receive, send = two_argument_call(scope, receive, send)
        transfer = _Transfer(self)
        try:
            refusal = await self._prepare(transfer, scope)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
            if scope["type"] == "websocket":
                await transfer.send_to(self._wrap_websocket_denial_send(send))
            elif transfer.left and receive is not None and not send_raises_on_disconnect(scope):
                await send_until_disconnect(transfer.send_to, send, receive)
            else:
                await transfer.send_to(send)
        finally:
            transfer.close()
        if self.background is not None:
            await self.background()

    async def _prepare(self, transfer: "_Transfer", scope: Scope) -> Response | None:
        """Open the file and decide what of it is sent; a response if the request is refused."""
        method = scope.get("method", "GET").upper()
        request = Headers(raw=scope["headers"])
        serves_ranges = self.status_code == 200 and method in ("GET", "HEAD")
        wanted = request.get("range") if serves_ranges else None
        empty = method == "HEAD" or self.status_code in EMPTY_STATUSES
        by_path = not empty and _offers_pathsend(scope)
        whole = wanted is None and not empty and not by_path
        await transfer.begin(whole)
        if self.stat_result is None or self._size != transfer.stat.st_size:
            self.set_stat_headers(transfer.stat)
        try:
            ranges = self._select(wanted, request.get("if-range"), transfer.stat.st_size)
        except MalformedRangeHeader as error:
            return PlainTextResponse(error.content, 400)
        except RangeNotSatisfiable as error:
            return PlainTextResponse("", 416, {"content-range": f"bytes */{error.max_size}"})
        self._arrange(transfer, ranges)
        if by_path and not ranges:
            transfer.path = os.path.abspath(self.path)
        if empty or transfer.path:
            transfer.left = 0
        return None

    def _select(self, wanted: str | None, if_range: str | None, size: int) -> list[Range]:
        """The ranges to send; none for the whole file."""
        current = self.headers.get("etag"), self.headers.get("last-modified")
        if wanted is None or not if_range_matches(if_range, *current):
            return []
        return parse_ranges(wanted, size, self.max_ranges) or []

    def _arrange(self, transfer: "_Transfer", ranges: Sequence[Range]) -> None:
        """Lay out the answer: its status, its headers, and the pieces of its body."""
        size = transfer.stat.st_size
        if not ranges:
            # A copy: another request for this object may find the file changed, and edit the list.
            transfer.lay_out(self.status_code, [*self.raw_headers], [(0, size)])
            return
        headers = self.headers.mutablecopy()
        pieces: list[Piece] = [*ranges]
        if len(ranges) == 1:
            headers["content-range"] = content_range(*ranges[0], size)
        else:
            boundary = secrets.token_hex(13)
            part_type = headers.get("content-type", "application/octet-stream")
            _, part_header = self.generate_multipart(ranges, boundary, size, part_type)
            headers["content-type"] = f"multipart/byteranges; boundary={boundary}"
            pieces = _framed(ranges, boundary, part_header)
        headers["content-length"] = str(_length(pieces))
        transfer.partial = True
        transfer.lay_out(206, headers.raw, pieces)


@lru_cache(maxsize=1024)  # files are asked for more than once
def _headers_of_file(size: int, mtime: float) -> Pairs:
    digest = hashlib.md5(f"{mtime}-{size}".encode(), usedforsecurity=False).hexdigest()
    return (
        (b"content-length", b"%d" % size),
        (b"last-modified", formatdate(mtime, usegmt=True).encode()),
        (b"etag", f'"{digest}"'.encode()),
    )


Piece = bytes | Range
"""What a body is laid out in: bytes, and ranges of the file."""


_Chunks = Generator[bytes, None, None]
_IN_THREAD = b""
"""In place of a chunk: the next one is not in memory, and is to be asked for in a worker thread."""


class _Transfer:
    """One answer from a file: read from memory, or else in worker threads; sent from the loop."""

    path: str | None = None
    """Set if the server is to send the file by itself."""
    stat: os.stat_result
    partial = False
    abandoned = False
    may_block = False

    def __init__(self, response: FileResponse) -> None:
        self.response = response
        self.chunk_size = response.chunk_size
        self.batch: list[bytes] = []
        self.pieces: list[Piece] = []
        self.chunks: _Chunks = (b"" for _ in ())
        self.without_a_pause = 0

    def lay_out(self, status: int, headers: list[tuple[bytes, bytes]], pieces: list[Piece]) -> None:
        self.start = {"type": "http.response.start", "status": status, "headers": headers}
        self.pieces = pieces
        self.left = _length(pieces)

    async def begin(self, whole: bool) -> None:
        """Open the file, and read ahead if the whole of it will be sent."""
        opened = self.response.open_cached_file()
        if opened is None:
            await self.in_thread(self._begin_in_thread, whole)
            return
        self._start(*opened)
        if whole and self.stat.st_size:
            self.pieces = [(0, self.stat.st_size)]
            await self.read()

    def _begin_in_thread(self, whole: bool) -> None:
        self._start(self.response.open_file())
        admit(os.fspath(self.response.path), self.stat)
        if whole:
            self.pieces = [(0, self.stat.st_size)]
            self._read_in_thread()

    def _start(self, descriptor: int, status: os.stat_result | None = None) -> None:
        chunks = self._read_chunks(descriptor, status)
        next(chunks)
        self.chunks = chunks  # not before it runs: one that does not has nothing to close

    async def in_thread(self, step: Callable[..., None], *args: Any) -> None:
        await run_in_threadpool(self._take, step, *args)

    def _take(self, step: Callable[..., None], *args: Any) -> None:
        self.may_block = True
        step(*args)
        self.may_block = False
        if self.abandoned:
            self.chunks.close()

    async def read(self) -> None:
        """Read the next chunks: one that is in memory, or READ_AHEAD bytes in a worker thread."""
        chunk = next(self.chunks)
        if chunk == _IN_THREAD:
            self.without_a_pause = 0
            await self.in_thread(self._read_in_thread)
            return
        self.batch = [chunk]
        self.without_a_pause += len(chunk)
        if self.without_a_pause >= READ_AHEAD:
            self.without_a_pause = 0
            await checkpoint()

    def _read_in_thread(self) -> None:
        self.batch, size = [], 0
        for chunk in self.chunks:
            self.batch.append(chunk)
            size += len(chunk)
            if size >= READ_AHEAD:
                break

    def close(self) -> None:
        """Close the file, or have the worker thread that is still in it do so."""
        self.abandoned = True
        try:
            self.chunks.close()
        except ValueError:  # "generator already executing": a cancelled task left its thread behind
            pass

    def _read_chunks(self, descriptor: int, status: os.stat_result | None) -> _Chunks:
        # As a generator it closes the file wherever it is left.
        try:
            self.stat = status or os.fstat(descriptor)
            _check_is_file(self.response.path, self.stat)
            yield b""
            for piece in self.pieces:
                if isinstance(piece, bytes):
                    yield piece
                else:
                    yield from self._read_range(descriptor, *piece)
        finally:
            os.close(descriptor)

    def _read_range(self, descriptor: int, start: int, end: int) -> _Chunks:
        while start < end:
            size = min(self.chunk_size, end - start)
            chunk = None if self.may_block else read_cached(descriptor, size, start)
            if chunk is None:
                if not self.may_block:
                    yield _IN_THREAD
                os.lseek(descriptor, start, os.SEEK_SET)
                chunk = os.read(descriptor, size)
            if not chunk:
                path = self.response.path
                raise RuntimeError(f"File at path {path} is shorter than expected.")
            start += len(chunk)
            yield chunk

    async def send_to(self, send: Send) -> None:
        """Send the messages of the answer."""
        await send_to_client(send, self.start)
        if self.path is not None:
            await send_to_client(send, {"type": "http.response.pathsend", "path": self.path})
            return
        more = True
        while self.left:
            if not self.batch:
                await self.read()
            for chunk in self.batch:
                self.left -= len(chunk)
                # As upstream has it: of a whole file, only a chunk that is not full is the last.
                more = self.left > 0 or not self.partial and len(chunk) == self.chunk_size
                await send_to_client(send, _body(chunk, more))
            self.batch = []
        if more:
            await send_to_client(send, _body(b"", False))


def _body(chunk: bytes, more_body: bool) -> Message:
    return {"type": "http.response.body", "body": chunk, "more_body": more_body}


def _length(pieces: Iterable[Piece]) -> int:
    return sum(len(piece) if isinstance(piece, bytes) else piece[1] - piece[0] for piece in pieces)


def _framed(
    ranges: Iterable[Range], boundary: str, part_header: Callable[[int, int], bytes]
) -> list[Piece]:
    pieces: list[Piece] = []
    for start, end in ranges:
        pieces += [part_header(start, end), (start, end), b"\r\n"]
    return [*pieces, f"--{boundary}--".encode()]


def _check_is_file(path: str | os.PathLike[str], status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise RuntimeError(f"File at path {path} is not a file.")


def _offers_pathsend(scope: Scope) -> bool:
    return scope["type"] == "http" and "http.response.pathsend" in (scope.get("extensions") or ())


def _disposition(kind: str, filename: str) -> str:
    # Names that the operating system could not decode are sent with the bytes that they have.
    encoded = quote(filename, errors="surrogateescape")
    if encoded == filename:
        return f'{kind}; filename="{filename}"'
    return f"{kind}; filename*=utf-8''{encoded}"
