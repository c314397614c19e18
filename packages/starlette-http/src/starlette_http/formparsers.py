"""Forms: the body of a request as a `FormData`.

`FormParser` reads urlencoded forms, `MultiPartParser` multipart ones, which may hold files. Both
have limits, and refuse what exceeds them while it arrives (`MultiPartException`).
"""

import warnings
from collections.abc import AsyncIterable, Callable
from enum import Enum, EnumType
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import Any

import anyio

from .concurrency import run_in_threadpool
from .exceptions import StarletteDeprecationWarning
from .form_errors import FormTooLarge, MultiPartException
from .headers import Headers
from .multidict import FormData
from .multipart import MultipartDecoder, MultipartPart
from .uploads import UploadFile
from .urlencoded import UrlencodedDecoder

__all__ = [
    "FormMessage",
    "FormParser",
    "FormTooLarge",
    "MultiPartException",
    "MultiPartParser",
    "MultipartPart",
]

# A visit to a worker thread costs as much as writing some 100 KiB. What waits for one takes the
# room that the file had in memory before it went to disk.
_WRITE_SIZE = 1024 * 1024


class _WarnsWhenCalled(EnumType):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        message = "`FormMessage` is deprecated and will be removed in a future version."
        warnings.warn(message, StarletteDeprecationWarning, stacklevel=2)
        return super().__call__(*args, **kwargs)


class FormMessage(Enum, metaclass=_WarnsWhenCalled):
    """The steps of parsing a field. Nothing uses them any more: deprecated."""

    FIELD_START = 1
    FIELD_NAME = 2
    FIELD_DATA = 3
    FIELD_END = 4
    END = 5


class FormParser:
    """Reads an urlencoded form from `stream`. See `UrlencodedDecoder` for the limits."""

    def __init__(
        self,
        headers: Headers,
        stream: AsyncIterable[bytes],
        *,
        max_fields: int | float = 1000,
        max_part_size: int = 1024 * 1024,
        max_memory: int = 16 * 1024 * 1024,
    ) -> None:
        self.headers = headers
        self.stream = stream
        self.max_fields = max_fields
        self.max_part_size = max_part_size
        self.max_memory = max_memory

    async def parse(self) -> FormData:
        """Read the whole form."""
        decoder = UrlencodedDecoder(
            max_fields=self.max_fields,
            max_part_size=self.max_part_size,
            max_memory=self.max_memory,
        )
        async for chunk in self.stream:
            decoder.feed(chunk)
        return FormData(decoder.finish())


class MultiPartParser(MultipartDecoder):
    """Reads a multipart form from `stream`. See `MultipartDecoder` for the limits.

    A file is kept in memory up to `spool_max_size` bytes, and on disk, in a temporary file without
    a name, from there on. Files on disk are written in a worker thread, a MiB at a visit. They are
    closed, and so removed, when parsing fails or is cancelled; else they belong to the form.
    """

    spool_max_size = 1024 * 1024
    """Bytes of one file that are kept in memory; 0 for any number. May be set on the class."""
    max_part_size = 1024 * 1024
    """The default of the parameter, for those who read it here; each parser has its own."""

    def __init__(
        self,
        headers: Headers,
        stream: AsyncIterable[bytes],
        *,
        max_files: int | float = 1000,
        max_fields: int | float = 1000,
        max_part_size: int = 1024 * 1024,
        max_file_size: int | None = None,
        max_memory: int = 16 * 1024 * 1024,
    ) -> None:
        super().__init__(
            headers,
            max_files=max_files,
            max_fields=max_fields,
            max_part_size=max_part_size,
            max_file_size=max_file_size,
            max_memory=max_memory,
        )
        self.stream = stream
        self.items: list[tuple[str, UploadFile | str]] = []
        self._uploads: list[UploadFile] = []
        self._writes: list[tuple[Any, bytes]] = []
        self._unwritten = 0
        self._in_use = Lock()

    async def parse(self) -> FormData:
        """Read the whole form. The files in it are at their start."""
        self.start()
        try:
            async for chunk in self.stream:
                self.feed(chunk)
                if self._unwritten >= _WRITE_SIZE:
                    await self._blocking(self._write)
            self.finish()
            await self._blocking(self._complete)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._blocking(self._close)
            raise
        return FormData(self.items)

    def _begin(self, part: MultipartPart) -> None:
        if part.filename is not None:
            spool: Any = SpooledTemporaryFile(max_size=self.spool_max_size)
            headers = Headers(raw=part.item_headers)
            part.file = UploadFile(spool, size=0, filename=part.filename, headers=headers)
            self._uploads.append(part.file)

    def _add(self, data: bytes) -> None:
        part = self._part
        upload = part.file
        if upload is None:
            part.data += data
            return
        before = upload.size or 0
        size = upload.size = before + len(data)
        # 0 means "never", as for the SpooledTemporaryFile itself.
        if not 0 < self.spool_max_size < size:
            upload.file.write(data)
            return
        self._writes.append((upload.file, data))
        # What was kept in memory of a file is written with what is too much.
        self._unwritten += len(data) if before > self.spool_max_size else size

    def _end(self) -> None:
        part = self._part
        value = self.decode(part.data) if part.file is None else part.file
        self.items.append((part.field_name, value))

    async def _blocking(self, work: Callable[[], None]) -> None:
        """Do work on the files: in a worker thread when one of them is on disk, or will be."""
        if self._writes or not all(upload._in_memory for upload in self._uploads):
            await run_in_threadpool(work)
        else:
            work()

    # A task of asyncio that is cancelled past anyio does not wait for its worker thread: closing,
    # in a second one, has to, lest a file that is on its way to disk be opened behind its back.

    def _write(self) -> None:
        with self._in_use:
            for spool, data in self._writes:
                spool.rollover()  # first, lest what is in memory grows once more
                spool.write(data)
            self._writes.clear()
            self._unwritten = 0

    def _complete(self) -> None:
        self._write()
        for upload in self._uploads:
            upload.file.seek(0)

    def _close(self) -> None:
        with self._in_use:
            for upload in self._uploads:
                upload.file.close()
