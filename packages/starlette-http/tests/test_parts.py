"""Uploads streamed part by part: constant memory, no files, nothing to close."""

import gc
import tracemalloc
from collections.abc import AsyncGenerator, Callable
from typing import Any

import anyio
import httpx
import pytest

from starlette_http.exceptions import HTTPException
from starlette_http.form_errors import MultiPartException
from starlette_http.parts import Parts
from starlette_http.requests import ClientDisconnect, Request
from starlette_http.response import PlainTextResponse
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send

MULTIPART = b"multipart/form-data; boundary=B"
TEXT = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nte\xc3\xafxt\r\n'
FILE = (
    b'--B\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\n0123456789\r\n"
)
END = b"--B--\r\n"
FORM = TEXT + FILE + FILE + END


def request_of(
    body: bytes,
    size: int = 7,
    *,
    content_type: bytes = MULTIPART,
    complete: bool = True,
    **scope: Any,
) -> Request:
    """A request whose body comes in chunks of `size` bytes; then the client leaves."""
    messages: list[Message] = [
        {"type": "http.request", "body": body[at : at + size], "more_body": True}
        for at in range(0, len(body), size)
    ]
    messages[-1]["more_body"] = not complete
    messages.append({"type": "http.disconnect"})

    async def receive() -> Message:
        return messages.pop(0)

    headers = [(b"content-type", content_type)]
    return Request({"type": "http", "method": "POST", "headers": headers} | scope, receive)


async def read_all(parts: Parts) -> list[bytes]:
    return [await part.read() async for part in parts]


async def test_parts_say_what_they_are() -> None:
    said = [
        (part.name, part.filename, part.is_file, part.content_type, repr(part))
        async for part in request_of(FORM).parts()
    ]
    text = ("a", None, False, None, "Part(name='a', filename=None)")
    file = ("f", "f.txt", True, "text/plain", "Part(name='f', filename='f.txt')")
    assert said == [text, file, file]


async def test_headers_of_a_part_are_given() -> None:
    part = await anext(request_of(FILE + END).parts())
    assert dict(part.headers) == {
        "content-disposition": 'form-data; name="f"; filename="f.txt"',
        "content-type": "text/plain",
    }


@pytest.mark.parametrize("size", [1, 2, 7, 64, 10_000])
async def test_content_is_the_same_for_any_chunks(size: int) -> None:
    contents = []
    async for part in request_of(FORM, size).parts():
        contents.append(b"".join([chunk async for chunk in part]))
    assert contents == [b"te\xc3\xafxt", b"0123456789", b"0123456789"]


async def test_part_can_be_read_whole_or_as_text() -> None:
    parts = request_of(FORM).parts()
    assert await (await anext(parts)).text() == "te\u00efxt"
    assert await (await anext(parts)).read() == b"0123456789"


async def test_text_is_in_the_charset_of_the_form() -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xa4\r\n' + END
    request = request_of(body, content_type=MULTIPART + b"; charset=iso-8859-15")
    assert await (await anext(request.parts())).text() == "\u20ac"


async def test_unread_rest_of_a_part_is_skipped() -> None:
    firsts = []
    async for part in request_of(FORM).parts():
        async for chunk in part:
            firsts.append(chunk[:1])
            break
    assert firsts == [b"t", b"0", b"0"]


async def test_part_that_was_skipped_cannot_be_read_any_more() -> None:
    parts = request_of(FORM).parts()
    first = await anext(parts)
    await anext(parts)
    with pytest.raises(RuntimeError, match="^The part 'a' was skipped: read it before asking"):
        await first.read()


async def test_part_that_was_read_is_empty_from_then_on() -> None:
    parts = request_of(FORM).parts()
    first = await anext(parts)
    assert await first.read()
    await anext(parts)
    assert await first.read() == b""


async def test_iterator_stays_at_its_end() -> None:
    parts = request_of(FORM).parts()
    assert len([part async for part in parts]) == 3
    assert [part async for part in parts] == []


@pytest.mark.parametrize("content_type", [b"", b"application/x-www-form-urlencoded"])
async def test_other_body_has_no_parts_and_is_not_read(content_type: bytes) -> None:
    request = request_of(b"a=1", content_type=content_type)
    assert [part async for part in request.parts()] == []
    assert await request.body() == b"a=1"


async def test_parts_of_a_body_that_was_read() -> None:
    request = request_of(FORM)
    await request.body()
    assert [part.name async for part in request.parts()] == ["a", "f", "f"]
    assert [part.name async for part in request.parts()] == ["a", "f", "f"]


async def test_parts_of_a_stream_that_is_overridden() -> None:
    class Renaming(Request):
        async def stream(self) -> AsyncGenerator[bytes, None]:
            async for chunk in super().stream():
                yield chunk.replace(b'"f"', b'"g"')

    request = request_of(FORM, 10_000)
    renaming = Renaming(request.scope, request.receive)
    assert [part.name async for part in renaming.parts()] == ["a", "g", "g"]


async def test_body_after_parts_is_consumed() -> None:
    request = request_of(FORM)
    async for _ in request.parts():
        break
    for read in (request.body, request.form):
        with pytest.raises(RuntimeError, match="^Stream consumed$"):
            await read()
    with pytest.raises(RuntimeError, match="^Stream consumed$"):
        request.parts()


async def test_loops_that_are_left_leave_nothing_to_collect() -> None:
    async for part in request_of(FORM).parts():
        async for _ in part:
            break
        break
    del part, _
    gc.collect()  # an unclosed generator would be a warning now, and that an error


async def test_client_that_leaves_is_told_to_the_reader() -> None:
    with pytest.raises(ClientDisconnect):
        await read_all(request_of(TEXT + FILE, complete=False).parts())


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ({"max_files": 1}, "Too many files. Maximum number of files is 1."),
        ({"max_fields": 0}, "Too many fields. Maximum number of fields is 0."),
        ({"max_part_size": 5}, "Part exceeded maximum size of 5 bytes."),
        ({"max_file_size": 9}, "File exceeded maximum size of 9 bytes."),
    ],
)
async def test_limits_hold_for_parts_that_are_skipped_too(
    limit: dict[str, int], message: str
) -> None:
    with pytest.raises(MultiPartException) as raised:
        async for _ in request_of(FORM).parts(**limit):
            pass
    assert raised.value.message == message


async def test_text_is_not_limited_by_what_a_form_may_keep_in_memory() -> None:
    text = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 1_000_000 + b"\r\n"
    sizes = [len(await part.read()) async for part in request_of(text * 20 + END, 65536).parts()]
    assert sizes == [1_000_000] * 20


@pytest.mark.parametrize(
    ("body", "content_type", "detail"),
    [
        (FORM, b"multipart/form-data", "Missing boundary in multipart."),
        (FORM[:-8], MULTIPART, "Invalid multipart data."),
        (b"not a form", MULTIPART, "Invalid multipart data."),
    ],
)
async def test_malformed_form_inside_an_application_is_400(
    body: bytes, content_type: bytes, detail: str
) -> None:
    with pytest.raises(HTTPException) as raised:
        async for _ in request_of(body, content_type=content_type, app="the app").parts():
            pass
    assert (raised.value.status_code, raised.value.detail) == (400, detail)


async def test_memory_does_not_grow_with_the_upload() -> None:
    head = FILE.removesuffix(b"0123456789\r\n")
    chunks = iter([head, *[b"x" * 65536] * 1024, b"\r\n" + END])

    async def receive() -> Message:
        return {"type": "http.request", "body": next(chunks), "more_body": True}

    headers = [(b"content-type", MULTIPART)]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    part = await anext(request.parts())
    tracemalloc.start()
    try:
        size = 0
        async for chunk in part:
            size += len(chunk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 64 * 1024 * 1024
    assert peak < 1024 * 1024


async def test_upload_is_streamed_from_a_real_server(serve: Callable[[ASGIApp], str]) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        said, largest = [], 0
        async for part in Request(scope, receive).parts():
            size = 0
            async for chunk in part:
                size += len(chunk)
                largest = max(largest, len(chunk))
            said.append(f"{part.name} {part.filename} {size}")
        said.append("in small chunks" if largest <= 1024 * 1024 else f"in chunks of {largest}")
        await PlainTextResponse(", ".join(said))(scope, receive, send)

    files = [("f", ("one", b"1" * 10_000_000)), ("f", ("two", b""))]
    async with httpx.AsyncClient(base_url=serve(app)) as client:
        with anyio.fail_after(20):
            response = await client.post("/", data={"title": "x"}, files=files)
    assert response.text == "title None 1, f one 10000000, f two 0, in small chunks"
