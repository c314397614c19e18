"""Responses: made, sent, streamed, and read from files.

"sent" is made and sent. A client that stays is a `receive` that waits; "2.3" and "2.4" are the
ASGI versions before and after `send` raises for a client that left (uvicorn speaks 2.3).
"""

import asyncio
import atexit
import json
import shutil
import tempfile
from pathlib import Path

import anyio.to_thread

from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from cases import App, Once, Scope, case, http_scope

FILES = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, FILES)
MEBIBYTE = 1024 * 1024
USER = {"id": 42, "name": "Grace Hopper", "tags": ["admiral", "compiler"], "bio": "x" * 200}
USERS = [USER | {"id": number} for number in range(1000)]


def scope(version: str = "2.4", headers: object = ()) -> Scope:
    return http_scope(headers=headers) | {"asgi": {"version": "3.0", "spec_version": version}}


def sent(app: App, scope: Scope) -> Once:
    """`once` that answers (status, length of the body) to a client that stays."""

    async def receive():
        await asyncio.Event().wait()

    async def once() -> tuple[int, int]:
        status = length = 0

        async def send(message):
            nonlocal status, length
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                length += len(message.get("body", b""))

        await app(scope, receive, send)
        return status, length

    return once


def each(make, scope: Scope) -> App:
    """An application that makes a response for every request."""

    async def app(scope, receive, send):
        await make()(scope, receive, send)

    return sent(app, scope)


@case("made: text", answer=200)
def make_text() -> Once:
    return lambda: PlainTextResponse("Hello, world!").status_code


@case("made: bytes with 3 headers", answer=200)
def make_with_headers() -> Once:
    headers = {"Cache-Control": "no-store", "X-Request-ID": "0123456789", "Vary": "accept"}
    return lambda: Response(b"Hello, world!", headers=headers).status_code


@case("made: bytes with 3 headers", 200, "raw")
def raw_with_headers() -> Once:
    headers = {"Cache-Control": "no-store", "X-Request-ID": "0123456789", "Vary": "accept"}

    def once():
        body = b"Hello, world!"
        raw = [(name.lower().encode(), text.encode()) for name, text in headers.items()]
        raw.append((b"content-length", b"%d" % len(body)))
        start = {"type": "http.response.start", "status": 200, "headers": raw}
        return start["status"]

    return once


@case("made: redirect", answer=307)
def make_redirect() -> Once:
    return lambda: RedirectResponse("/users/42?tab=orders#last").status_code


@case("made: text, and a cookie set", answer=200)
def make_cookie() -> Once:
    def once():
        response = PlainTextResponse("Hello, world!")
        response.set_cookie("session", "abcdef0123456789", max_age=3600, secure=True, httponly=True)
        return response.status_code

    return once


@case("sent: text", answer=(200, 13))
def send_text() -> Once:
    return each(lambda: PlainTextResponse("Hello, world!"), scope())


@case("sent: text", answer=(200, 13), contender="raw")
def raw_text() -> Once:
    headers = [(b"content-length", b"13"), (b"content-type", b"text/plain; charset=utf-8")]

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"Hello, world!"})

    return sent(app, scope())


def sending(make_body, content_type: bytes) -> App:
    """An application by hand that makes the body of every response anew."""

    async def app(scope, receive, send):
        body = make_body()
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", content_type)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return sent(app, scope())


@case("sent: 30 KiB of HTML", (200, 30720), "raw")
def raw_html() -> Once:
    page = "<p>" + "x" * 30717
    return sending(page.encode, b"text/html; charset=utf-8")


@case("sent: 300 B of JSON", (200, 270), "raw")
def raw_json() -> Once:
    return sending(lambda: compact(USER), b"application/json")


@case("sent: 270 KiB of JSON", (200, 271_891), "raw")
def raw_large_json() -> Once:
    return sending(lambda: compact(USERS), b"application/json")


def compact(content: object) -> bytes:
    dumped = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return dumped.encode()


@case("sent: 30 KiB of HTML", answer=(200, 30720))
def send_html() -> Once:
    page = "<p>" + "x" * 30717
    return each(lambda: HTMLResponse(page), scope())


@case("sent: 300 B of JSON", answer=(200, 270))
def send_json() -> Once:
    return each(lambda: JSONResponse(USER), scope())


@case("sent: 270 KiB of JSON", answer=(200, 271_891))
def send_large_json() -> Once:
    return each(lambda: JSONResponse(USERS), scope())


def stream(version: str, size: int, content) -> Once:
    chunks = [b"x" * size] * (MEBIBYTE // size)
    return each(lambda: StreamingResponse(content(chunks)), scope(version))


async def generated(chunks):
    for chunk in chunks:
        yield chunk


async def generated_with_waits(chunks):
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


def generated_in_a_thread(chunks):
    yield from chunks


def streaming(size: int, content) -> Once:
    """The same by hand: no response, and nobody who listens for the client to leave."""
    chunks = [b"x" * size] * (MEBIBYTE // size)
    headers = [(b"content-type", b"application/octet-stream")]

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for chunk in content(chunks):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return sent(app, scope())


async def fetched_from_a_thread(chunks):
    iterator, end = generated_in_a_thread(chunks), object()
    while (chunk := await anyio.to_thread.run_sync(next, iterator, end)) is not end:
        yield chunk


@case("streamed: 1 MiB in 1 KiB, 2.4", (200, MEBIBYTE), "raw")
def raw_stream_small() -> Once:
    return streaming(1024, generated)


@case("streamed: 1 MiB in 64 KiB, 2.4", (200, MEBIBYTE), "raw")
def raw_stream_large() -> Once:
    return streaming(64 * 1024, generated)


@case("streamed: 1 MiB in 64 KiB, each waited for, 2.3", (200, MEBIBYTE), "raw")
def raw_stream_waiting() -> Once:
    return streaming(64 * 1024, generated_with_waits)


@case("streamed: 1 MiB in 64 KiB, sync generator, 2.3", (200, MEBIBYTE), "raw")
def raw_stream_sync() -> Once:
    return streaming(64 * 1024, fetched_from_a_thread)


@case("streamed: 1 MiB in 1 KiB, 2.3", answer=(200, MEBIBYTE))
def stream_small() -> Once:
    return stream("2.3", 1024, generated)


@case("streamed: 1 MiB in 1 KiB, 2.4", answer=(200, MEBIBYTE))
def stream_small_new() -> Once:
    return stream("2.4", 1024, generated)


@case("streamed: 1 MiB in 64 KiB, 2.3", answer=(200, MEBIBYTE))
def stream_large() -> Once:
    return stream("2.3", 64 * 1024, generated)


@case("streamed: 1 MiB in 64 KiB, 2.4", answer=(200, MEBIBYTE))
def stream_large_new() -> Once:
    return stream("2.4", 64 * 1024, generated)


@case("streamed: 1 MiB in 64 KiB, each waited for, 2.3", answer=(200, MEBIBYTE))
def stream_waiting() -> Once:
    return stream("2.3", 64 * 1024, generated_with_waits)


@case("streamed: 1 MiB in 64 KiB, sync generator, 2.3", answer=(200, MEBIBYTE))
def stream_sync() -> Once:
    return stream("2.3", 64 * 1024, generated_in_a_thread)


@case("streamed: 1 MiB in 64 KiB, a list's iterator, 2.3", answer=(200, MEBIBYTE))
def stream_list() -> Once:
    return stream("2.3", 64 * 1024, iter)


def file(size: int, version: str = "2.3", headers: object = ()) -> Once:
    path = FILES / f"{size}.bin"
    path.write_bytes(b"x" * size)
    return each(lambda: FileResponse(path), scope(version, headers))


@case("file: 1 KiB, 2.3", answer=(200, 1024))
def small_file() -> Once:
    return file(1024)


@case("file: 1 KiB, 2.4", answer=(200, 1024))
def small_file_new() -> Once:
    return file(1024, "2.4")


@case("file: 10 MiB, 2.3", answer=(200, 10 * MEBIBYTE))
def large_file() -> Once:
    return file(10 * MEBIBYTE)


@case("file: 10 MiB, 2.4", answer=(200, 10 * MEBIBYTE))
def large_file_new() -> Once:
    return file(10 * MEBIBYTE, "2.4")


@case("file: 64 KiB range of 10 MiB, 2.3", answer=(206, 64 * 1024))
def ranged_file() -> Once:
    return file(10 * MEBIBYTE, headers=[(b"range", b"bytes=65536-131071")])
