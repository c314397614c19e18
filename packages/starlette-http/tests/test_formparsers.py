"""Forms as `FormData`: fields, files in memory and on disk, and what is left of them: nothing."""

import asyncio
import os
import tempfile
import threading
import tracemalloc
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from starlette_http import formparsers
from starlette_http.exceptions import HTTPException, StarletteDeprecationWarning
from starlette_http.formparsers import (
    FormMessage,
    FormParser,
    MultiPartException,
    MultiPartParser,
    MultipartPart,
)
from starlette_http.headers import Headers
from starlette_http.multidict import FormData
from starlette_http.requests import ClientDisconnect, Request
from starlette_http.response import PlainTextResponse
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_http.uploads import UploadFile

URLENCODED = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data; boundary=B"
LARGE = 3 * 1024 * 1024

FIELD = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\ntext\r\n'
FILE_HEAD = (
    b'--B\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\n"
)
END = b"\r\n--B--\r\n"


def temporary_files() -> list[str]:
    """The open files of this process that have no name any more."""
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            links.append(os.readlink(descriptor))
        except FileNotFoundError:
            continue  # the descriptor with which the directory is read
    return [link for link in links if link.endswith(" (deleted)")]


def request_of(
    *chunks: bytes, content_type: bytes | None = MULTIPART, more: Any = None, **scope: Any
) -> Request:
    """A request with these chunks, which are the whole body unless there is `more` to receive."""
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    messages.append(more or {"type": "http.request", "more_body": False})

    async def receive() -> Message:
        return messages.pop(0)

    headers = [] if content_type is None else [(b"content-type", content_type)]
    return Request({"type": "http", "method": "POST", "headers": headers} | scope, receive)


async def stream_of(*chunks: bytes) -> AsyncGenerator[bytes, None]:
    for chunk in chunks:
        yield chunk


# Which body is a form


@pytest.mark.parametrize(
    "content_type",
    [URLENCODED, URLENCODED.upper(), URLENCODED + b"; charset=latin-1", b" " + URLENCODED + b" ;"],
)
async def test_urlencoded_form_is_read(content_type: bytes) -> None:
    form = await request_of(b"a=1&b=%E2%82%AC&a=2", content_type=content_type).form()
    assert form.multi_items() == [("a", "1"), ("b", "\u20ac"), ("a", "2")]


@pytest.mark.parametrize("content_type", [MULTIPART, b"Multipart/Form-Data;boundary=B"])
async def test_multipart_form_is_read(content_type: bytes) -> None:
    async with request_of(FIELD + FILE_HEAD + b"x" + END, content_type=content_type).form() as form:
        assert form["a"] == "text"
        assert isinstance(form["f"], UploadFile)


@pytest.mark.parametrize("content_type", [None, b"application/json", b"", b"multipart/mixed"])
async def test_other_body_is_an_empty_form_and_is_not_read(content_type: bytes | None) -> None:
    request = request_of(b"a=1", content_type=content_type)
    assert await request.form() == FormData()
    assert await request.body() == b"a=1"


@pytest.mark.parametrize("content_type", [URLENCODED, MULTIPART])
async def test_empty_body_is_an_empty_form(content_type: bytes) -> None:
    assert await request_of(content_type=content_type).form() == FormData()


async def test_form_is_kept_and_later_limits_do_not_matter() -> None:
    request = request_of(b"a=1&b=2", content_type=URLENCODED)
    assert request._form is None
    form = await request.form()
    assert await request.form(max_fields=1) is form
    assert request._form is form


async def test_form_after_body_works_and_body_after_form_does_not() -> None:
    request = request_of(b"a=1", content_type=URLENCODED)
    await request.body()
    assert (await request.form())["a"] == "1"
    request = request_of(b"a=1", content_type=URLENCODED)
    await request.form()
    with pytest.raises(RuntimeError, match="^Stream consumed$"):
        await request.body()


async def test_form_needs_the_whole_body() -> None:
    request = request_of(b"a=1", content_type=URLENCODED)
    async for _ in request.stream():
        pass
    with pytest.raises(RuntimeError, match="^Stream consumed$"):
        await request.form()


# Files


async def test_upload_says_what_the_part_said() -> None:
    async with request_of(FILE_HEAD + b"content" + END).form() as form:
        upload = form["f"]
        assert isinstance(upload, UploadFile)
        assert (upload.filename, upload.size, upload.content_type) == ("f.txt", 7, "text/plain")
        assert upload.headers.raw == [
            (b"content-disposition", b'form-data; name="f"; filename="f.txt"'),
            (b"content-type", b"text/plain"),
        ]
        assert await upload.read() == b"content"


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 1024 * 1024 + 1, LARGE])
async def test_file_of_any_size_is_read_whole(size: int) -> None:
    content = os.urandom(size)
    chunks = [content[start : start + 65536] for start in range(0, size, 65536)]
    async with request_of(FILE_HEAD, *chunks, END).form() as form:
        upload = form["f"]
        assert isinstance(upload, UploadFile)
        assert upload.size == size
        assert upload._in_memory is (size <= 1024 * 1024)
        assert await upload.read() == content


async def test_several_files_and_fields_keep_their_order() -> None:
    body = (FILE_HEAD + b"1\r\n" + FIELD) * 2 + FILE_HEAD + b"3" + END
    async with request_of(body).form() as form:
        assert [name for name, _ in form.multi_items()] == ["f", "a", "f", "a", "f"]


async def test_large_files_are_written_in_worker_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = set()
    make = tempfile.TemporaryFile

    def noting(*args: Any, **kwargs: Any) -> Any:
        threads.add(threading.current_thread())
        return make(*args, **kwargs)

    monkeypatch.setattr(tempfile, "TemporaryFile", noting)
    async with request_of(FILE_HEAD, b"1" * LARGE, END).form():
        assert threads
        assert threading.current_thread() not in threads


async def test_no_more_of_a_large_file_is_in_memory_than_may_be_kept_there() -> None:
    size = 64 * 1024

    async def stream() -> AsyncGenerator[bytes, None]:
        yield FILE_HEAD
        for _ in range(128):
            yield b"1" * size
        yield END

    parser = MultiPartParser(Headers(raw=[(b"content-type", MULTIPART)]), stream())
    tracemalloc.start()
    try:
        form = await parser.parse()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    await form.close()
    # The buffer of a file in memory has an eighth of its size to spare.
    assert peak < MultiPartParser.spool_max_size * 9 / 8 + 2 * size


async def test_spool_size_is_that_of_the_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 2)
    async with request_of(FILE_HEAD + b"123" + END).form() as form:
        upload = form["f"]
        assert isinstance(upload, UploadFile)
        assert not upload._in_memory


async def test_spool_size_of_zero_keeps_every_file_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 0)
    async with request_of(FILE_HEAD + b"1" * LARGE + END).form() as form:
        upload = form["f"]
        assert isinstance(upload, UploadFile)
        assert upload._in_memory


# Nothing is left behind


async def test_files_are_removed_when_the_form_is_closed() -> None:
    before = temporary_files()
    request = request_of(FILE_HEAD, b"1" * LARGE, END)
    form = await request.form()
    assert len(temporary_files()) == len(before) + 1
    await request.close()
    assert temporary_files() == before
    upload = form["f"]
    assert isinstance(upload, UploadFile)
    assert upload.file.closed


async def test_files_are_removed_when_an_error_ends_the_context() -> None:
    before = temporary_files()
    with pytest.raises(LookupError):
        async with request_of(FILE_HEAD, b"1" * LARGE, END).form():
            raise LookupError
    assert temporary_files() == before


@pytest.mark.parametrize(
    ("end", "error"),
    [
        ({"type": "http.disconnect"}, ClientDisconnect),
        ({"type": "http.request"}, MultiPartException),
    ],
    ids=["disconnect", "body ends early"],
)
@pytest.mark.parametrize("size", [10, LARGE])
async def test_files_are_removed_when_the_body_does_not_arrive(
    end: Message, error: type[Exception], size: int
) -> None:
    before = temporary_files()
    chunks = [FILE_HEAD + b"1\r\n", FILE_HEAD, b"1" * size]
    with pytest.raises(error):
        await request_of(*chunks, more=end).form()
    assert temporary_files() == before


async def test_files_are_removed_when_reading_is_cancelled() -> None:
    before = temporary_files()
    chunks = [FILE_HEAD, b"1" * LARGE]
    waiting = anyio.Event()

    async def receive() -> Message:
        if chunks:
            return {"type": "http.request", "body": chunks.pop(0), "more_body": True}
        waiting.set()
        await anyio.sleep_forever()
        raise AssertionError("unreachable")

    headers = [(b"content-type", MULTIPART)]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)

    async def read() -> None:
        await request.form()

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(read)
            await waiting.wait()
            assert len(temporary_files()) == len(before) + 1
            group.cancel_scope.cancel()
    assert temporary_files() == before


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_files_are_removed_when_a_task_is_cancelled_past_anyio(
    anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rolling, closed = anyio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    steps: list[str] = []

    class Slow(tempfile.SpooledTemporaryFile[bytes]):
        def rollover(self) -> None:
            loop.call_soon_threadsafe(rolling.set)
            closed.wait(0.2)
            super().rollover()
            steps.append("on disk")

        def close(self) -> None:
            closed.set()
            super().close()
            steps.append("closed")

    monkeypatch.setattr(formparsers, "SpooledTemporaryFile", Slow)
    before = temporary_files()
    reading = asyncio.ensure_future(request_of(FILE_HEAD, b"1" * LARGE, END).form())
    with anyio.fail_after(10):
        await rolling.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert steps == ["on disk", "closed"]
    assert temporary_files() == before


# Errors


async def test_limit_outside_of_an_application_is_a_form_error() -> None:
    with pytest.raises(MultiPartException, match="Maximum number of fields is 1"):
        await request_of(b"a=1&b=2", content_type=URLENCODED).form(max_fields=1)


@pytest.mark.parametrize(
    ("limit", "status", "detail"),
    [
        ({"max_files": 0}, 400, "Too many files. Maximum number of files is 0."),
        ({"max_fields": 0}, 400, "Too many fields. Maximum number of fields is 0."),
        ({"max_part_size": 3}, 400, "Part exceeded maximum size of 3 bytes."),
        ({"max_file_size": 3}, 413, "File exceeded maximum size of 3 bytes."),
        ({"max_memory": 3}, 413, "Form fields exceeded maximum size of 3 bytes together."),
    ],
)
async def test_limit_inside_an_application_is_an_http_error(
    limit: dict[str, int], status: int, detail: str
) -> None:
    body = FIELD + FILE_HEAD + b"content" + END
    with pytest.raises(HTTPException) as raised:
        await request_of(body, app="the app").form(**limit)
    assert (raised.value.status_code, raised.value.detail) == (status, detail)
    assert isinstance(raised.value.__cause__, MultiPartException)


async def test_urlencoded_limits_are_those_of_the_form() -> None:
    request = request_of(b"a=12", content_type=URLENCODED)
    with pytest.raises(MultiPartException, match="Field exceeded maximum size of 2 bytes"):
        await request.form(max_part_size=2)
    request = request_of(b"a=12", content_type=URLENCODED)
    with pytest.raises(MultiPartException, match="exceeded maximum size of 2 bytes together"):
        await request.form(max_memory=2)


# The parsers themselves


async def test_form_parser_reads_a_stream() -> None:
    parser = FormParser(Headers(), stream_of(b"a=1&", b"b=2", b""))
    assert await parser.parse() == FormData([("a", "1"), ("b", "2")])


async def test_multi_part_parser_reads_a_stream() -> None:
    headers = Headers({"content-type": "multipart/form-data; boundary=B"})
    parser = MultiPartParser(headers, stream_of(FIELD, END[2:], b""))
    assert await parser.parse() == FormData([("a", "text")])
    assert parser.items == [("a", "text")]


def test_multi_part_parser_has_the_sizes_that_are_patched() -> None:
    assert (MultiPartParser.spool_max_size, MultiPartParser.max_part_size) == (1048576, 1048576)


def test_parts_do_not_share_their_data() -> None:
    one, other = MultipartPart(), MultipartPart()
    one.data += b"x"
    one.item_headers.append((b"a", b"b"))
    assert other == MultipartPart(None, "", bytearray(), None, [])


def test_form_message_warns_when_it_is_called() -> None:
    with pytest.warns(
        StarletteDeprecationWarning,
        match="^`FormMessage` is deprecated and will be removed in a future version.$",
    ) as warnings:
        assert FormMessage(5) is FormMessage.END
    assert warnings[0].filename == __file__
    assert [member.value for member in FormMessage] == [1, 2, 3, 4, 5]


# On a real server


@pytest.fixture
def no_temporary_files_left() -> Iterator[None]:
    before = temporary_files()
    yield
    assert temporary_files() == before


@pytest.mark.usefixtures("no_temporary_files_left")
async def test_upload_of_some_megabytes_over_a_real_server(
    serve: Callable[[ASGIApp], str],
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with Request(scope, receive).form() as form:
            upload = form["file"]
            assert isinstance(upload, UploadFile)
            content = await upload.read()
            text = f"{form['title']} {upload.filename} {len(content)} {set(content)}"
        await PlainTextResponse(text)(scope, receive, send)

    files = {"file": ("n\u00e4me.bin", b"\1" * 5_000_000)}
    async with httpx.AsyncClient(base_url=serve(app)) as client:
        with anyio.fail_after(20):
            response = await client.post("/", data={"title": "t\u00eftle"}, files=files)
    assert response.text == "t\u00eftle n\u00e4me.bin 5000000 {1}"


async def test_client_that_leaves_in_mid_upload_leaves_no_file(
    serve: Callable[[ASGIApp], str],
) -> None:
    outcome = threading.Event()
    before = temporary_files()
    on_disk: list[int] = []

    class Noting(Request):
        async def stream(self) -> AsyncGenerator[bytes, None]:
            async for chunk in super().stream():
                yield chunk
                on_disk.append(len(temporary_files()))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(ClientDisconnect):
            await Noting(scope, receive).form()
        on_disk.append(len(temporary_files()))
        outcome.set()

    base_url = httpx.URL(serve(app))
    with anyio.fail_after(20):
        stream = await anyio.connect_tcp(base_url.host, base_url.port or 80)
        async with stream:
            head = (
                b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n"
                b"Content-Type: multipart/form-data; boundary=B\r\n\r\n"
            )
            await stream.send(head + FILE_HEAD + b"1" * LARGE)
        assert await anyio.to_thread.run_sync(outcome.wait, 10)
    assert max(on_disk) == len(before) + 1
    assert on_disk[-1] == len(before)
