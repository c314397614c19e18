"""A file that was sent with a form."""

from typing import BinaryIO

import anyio

from .concurrency import run_in_threadpool
from .headers import Headers

__all__ = ["UploadFile"]


class UploadFile:
    """An uploaded file and what its form part said about it.

    Parameters:
        file: where the content is. Reads, writes and closing of a file in memory (a
            `SpooledTemporaryFile` that has not rolled over to disk) happen at once, those of any
            other file in a worker thread.
        size: bytes of content, or None when nobody counted. Counted on by `write()`.
        filename: as the client named it. Never use it as a path without checking it.
        headers: of the form part.
    """

    def __init__(
        self,
        file: BinaryIO,
        *,
        size: int | None = None,
        filename: str | None = None,
        headers: Headers | None = None,
    ) -> None:
        self.file = file
        self.size = size
        self.filename = filename
        self.headers: Headers = Headers() if headers is None else headers

    @property
    def content_type(self) -> str | None:
        """The media type that the client gave this part."""
        return self.headers.get("content-type")

    @property
    def _in_memory(self) -> bool:
        return not getattr(self.file, "_rolled", True)

    def _stays_in_memory(self, growth: int) -> bool:
        if not self._in_memory:
            return False
        limit = getattr(self.file, "_max_size", 0)
        return not limit or self.file.tell() + growth <= limit

    def _write(self, data: bytes) -> None:
        self.file.write(data)
        if self.size is not None:
            # Not a sum of what was written: a part that is written again does not count twice.
            # Where there are no positions, as in a pipe, nothing is.
            try:
                end = self.file.tell()
            except (AttributeError, OSError):
                end = self.size + len(data)
            self.size = max(self.size, end)

    async def write(self, data: bytes) -> None:
        """Write at the current position."""
        if self._stays_in_memory(len(data)):
            self._write(data)
        else:
            await run_in_threadpool(self._write, data)

    async def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes from the current position; all that is left by default."""
        if self._in_memory:
            return self.file.read(size)
        return await run_in_threadpool(self.file.read, size)

    async def seek(self, offset: int) -> None:
        """Go to `offset` bytes from the start."""
        if self._in_memory:
            self.file.seek(offset)
        else:
            await run_in_threadpool(self.file.seek, offset)

    async def close(self) -> None:
        """Close the file, which removes a temporary one. Done also when cancelled."""
        if self._in_memory:
            self.file.close()
        else:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self.file.close)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}"
            f"(filename={self.filename!r}, size={self.size!r}, headers={self.headers!r})"
        )
