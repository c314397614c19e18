"""Static files: small and large ones, what the client has already, a range, a miss."""

import asyncio
import os
import tempfile
from email.utils import formatdate
from pathlib import Path

from starlette.staticfiles import StaticFiles

from cases import App, Once, Scope, case, http_scope

MTIME = 1_700_000_000
SIZES = {"/small.css": 2_000, "/medium.js": 200_000, "/large.bin": 10 * 1024 * 1024}


DIRECTORY = tempfile.TemporaryDirectory(prefix="static-benchmark-")  # removed at exit


def site() -> Path:
    directory = Path(DIRECTORY.name)
    for name, size in SIZES.items():
        path = directory / name.lstrip("/")
        path.write_bytes(b"x" * size)
        os.utime(path, (MTIME, MTIME))
    return directory


def fetch(app: App, scope: Scope) -> Once:
    """`once` that answers (status, length of the body); the client stays until the end."""

    async def once() -> tuple[int, int]:
        status = length = 0
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asked = False

        async def receive():
            nonlocal asked
            if asked:
                await gone
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            nonlocal status, length
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                length += len(message.get("body", b""))

        await app(dict(scope), receive, send)
        return status, length

    return once


def get(path: str, *headers: tuple[bytes, bytes]) -> Once:
    return fetch(StaticFiles(directory=site()), http_scope(path=path, headers=headers))


@case("small file, 2 kB", answer=(200, 2_000))
def small() -> Once:
    return get("/small.css")


@case("small file, 2 kB", answer=(200, 2_000), contender="raw")
def raw_small() -> Once:
    path = site() / "small.css"

    async def app(scope, receive, send):
        body = await asyncio.to_thread(path.read_bytes)
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"text/css")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return fetch(app, http_scope(path="/small.css"))


@case("small file, known by its date -> 304", answer=(304, 0))
def not_modified() -> Once:
    since = formatdate(MTIME, usegmt=True).encode()
    return get("/small.css", (b"if-modified-since", since))


@case("medium file, 200 kB", answer=(200, 200_000))
def medium() -> Once:
    return get("/medium.js")


@case("large file, 10 MiB", answer=(200, 10 * 1024 * 1024))
def large() -> Once:
    return get("/large.bin")


@case("large file, 10 MiB", answer=(200, 10 * 1024 * 1024), contender="raw")
def raw_large() -> Once:
    path = site() / "large.bin"

    async def app(scope, receive, send):
        headers = [(b"content-length", b"%d" % path.stat().st_size)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        with path.open("rb", buffering=0) as file:
            while chunk := await asyncio.to_thread(file.read, 65536):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})

    return fetch(app, http_scope(path="/large.bin"))


@case("one range of 1 kB", answer=(206, 1_000))
def one_range() -> Once:
    return get("/large.bin", (b"range", b"bytes=1000000-1000999"))
