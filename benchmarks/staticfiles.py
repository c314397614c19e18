"""Static files: small and large ones, what the client has already, a range.

ServeStatic is measured as an ASGI application. WhiteNoise is a WSGI application and is called as
one, on the thread of the event loop and until its iterable is read to the end: the thread that a
server would call it in is not part of its figure. Both look for their files when they are made.
"""

import asyncio
import os
import tempfile
from email.utils import formatdate
from pathlib import Path
from wsgiref.util import FileWrapper

from cases import App, Once, Scope, case, http_scope

MTIME = 1_700_000_000
SINCE = (b"if-modified-since", formatdate(MTIME, usegmt=True).encode())
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
    from starlette.staticfiles import StaticFiles  # the others' environments are without it

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
    return get("/small.css", SINCE)


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


def register_peers(name: str, path: str, answer: tuple[int, int], *headers) -> None:
    """The same request of ServeStatic and of WhiteNoise."""

    @case(name, answer=answer, contender="servestatic")
    def served() -> Once:
        from servestatic import ServeStaticASGI

        return fetch(ServeStaticASGI(None, root=site()), http_scope(path=path, headers=headers))

    @case(name, answer=answer, contender="whitenoise")
    def called() -> Once:
        from whitenoise import WhiteNoise

        return wsgi_fetch(WhiteNoise(missing, root=site()), path, *headers)


def missing(environ, start_response):
    start_response("404 Not Found", [])
    return []


def wsgi_fetch(app, path: str, *headers: tuple[bytes, bytes]) -> Once:
    """`once` that answers (status, length of the body) of a WSGI application."""
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "example.org",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.file_wrapper": FileWrapper,
    }
    for name, value in [*http_scope()["headers"], *headers]:
        environ["HTTP_" + name.decode().upper().replace("-", "_")] = value.decode()

    def once() -> tuple[int, int]:
        status = 0

        def start_response(line, headers, exc_info=None):
            nonlocal status
            status = int(line.split()[0])

        body = app(environ.copy(), start_response)
        length = sum(map(len, body))
        if hasattr(body, "close"):
            body.close()
        return status, length

    return once


register_peers("small file, 2 kB", "/small.css", (200, 2_000))
register_peers("small file, known by its date -> 304", "/small.css", (304, 0), SINCE)
register_peers("medium file, 200 kB", "/medium.js", (200, 200_000))
register_peers("large file, 10 MiB", "/large.bin", (200, 10 * 1024 * 1024))
register_peers(
    "one range of 1 kB", "/large.bin", (206, 1_000), (b"range", b"bytes=1000000-1000999")
)
