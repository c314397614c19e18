"""Uploaded files: in memory at once, on disk in a thread."""

import io
import os
import threading
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

import anyio
import pytest

from starlette_http.headers import Headers
from starlette_http.uploads import UploadFile


class RecordingFile(io.BytesIO):
    """A file, not of the spooled kind, that knows in which threads it was used."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[threading.Thread] = set()

    def read(self, size: int | None = -1, /) -> bytes:
        self.threads.add(threading.current_thread())
        return super().read(size)

    def write(self, data: Any, /) -> int:
        self.threads.add(threading.current_thread())
        return super().write(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self.threads.add(threading.current_thread())
        return super().seek(offset, whence)

    def close(self) -> None:
        self.threads.add(threading.current_thread())
        super().close()


def spool(max_size: int = 10) -> BinaryIO:
    return cast(BinaryIO, SpooledTemporaryFile(max_size=max_size))


def test_attributes_are_what_was_given() -> None:
    file, headers = io.BytesIO(), Headers({"content-type": "text/plain"})
    upload = UploadFile(file, size=4, filename="t.txt", headers=headers)
    assert (upload.file, upload.size, upload.filename, upload.headers) == (
        file,
        4,
        "t.txt",
        headers,
    )
    assert upload.content_type == "text/plain"


def test_defaults_say_that_nothing_is_known() -> None:
    upload = UploadFile(io.BytesIO())
    assert (upload.size, upload.filename, upload.headers) == (None, None, Headers())
    assert upload.content_type is None


def test_repr_names_file_size_and_headers() -> None:
    upload = UploadFile(io.BytesIO(), size=4, filename="t.txt", headers=Headers({"a": "b"}))
    assert repr(upload) == "UploadFile(filename='t.txt', size=4, headers=Headers({'a': 'b'}))"


async def test_what_is_written_is_read_again() -> None:
    upload = UploadFile(spool(), size=0)
    await upload.write(b"content")
    await upload.seek(3)
    assert await upload.read(2) == b"te"
    assert await upload.read() == b"nt"
    await upload.close()
    assert upload.file.closed


async def test_size_counts_what_is_written() -> None:
    upload = UploadFile(io.BytesIO(), size=0)
    await upload.write(b"abc")
    await upload.write(b"de")
    assert upload.size == 5


async def test_size_does_not_count_twice_what_is_written_again() -> None:
    upload = UploadFile(io.BytesIO(), size=0)
    await upload.write(b"abc")
    await upload.seek(0)
    await upload.write(b"de")
    assert upload.size == 3


async def test_size_counts_what_is_written_into_a_pipe() -> None:
    receiving, sending = os.pipe()
    with os.fdopen(receiving, "rb") as reader, os.fdopen(sending, "wb", 0) as writer:
        upload = UploadFile(cast(BinaryIO, writer), size=0)
        await upload.write(b"abc")
        await upload.write(b"de")
        await upload.close()
        assert reader.read() == b"abcde"
    assert upload.size == 5


class Sink:
    """A file that can do nothing but be written to."""

    def __init__(self) -> None:
        self.content = b""

    def write(self, data: bytes) -> None:
        self.content += data


async def test_size_counts_what_is_written_into_a_file_without_positions() -> None:
    sink = Sink()
    upload = UploadFile(cast(BinaryIO, sink), size=2)
    await upload.write(b"abc")
    assert sink.content == b"abc"
    assert upload.size == 5


async def test_unknown_size_stays_unknown() -> None:
    upload = UploadFile(io.BytesIO())
    await upload.write(b"abc")
    assert upload.size is None


async def test_any_other_file_is_used_in_worker_threads() -> None:
    file = RecordingFile()
    upload = UploadFile(file)
    await upload.write(b"abc")
    await upload.seek(0)
    assert await upload.read() == b"abc"
    await upload.close()
    assert file.closed
    assert file.threads
    assert threading.current_thread() not in file.threads


@pytest.mark.parametrize(("data", "in_memory"), [(b"1234567890", True), (b"12345678901", False)])
async def test_spool_goes_to_disk_above_its_size(data: bytes, in_memory: bool) -> None:
    upload = UploadFile(spool(max_size=10), size=0)
    await upload.write(data)
    assert upload._in_memory is in_memory
    await upload.write(b"x" * 20)
    assert not upload._in_memory
    await upload.seek(0)
    assert await upload.read() == data + b"x" * 20
    await upload.close()


async def test_spool_without_a_size_stays_in_memory() -> None:
    upload = UploadFile(spool(max_size=0))
    await upload.write(b"x" * 100)
    assert upload._in_memory
    await upload.close()


async def test_close_is_done_also_when_cancelled() -> None:
    upload = UploadFile(io.BytesIO())
    with anyio.CancelScope() as scope:
        scope.cancel()
        await upload.close()
    assert upload.file.closed
