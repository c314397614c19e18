"""Reading requests: bodies, JSON, and forms of both kinds."""

import json

from starlette.requests import Request

from cases import Once, case, http_scope

MIB = 1024 * 1024
CHUNK = 64 * 1024
ORDER = {
    "id": 42,
    "name": "Grace Hopper",
    "lines": [{"sku": f"A-{n}", "count": n, "price": 9.99} for n in range(5)],
}


def in_chunks(body: bytes) -> list[dict]:
    pieces = [body[at : at + CHUNK] for at in range(0, len(body), CHUNK)]
    return [
        {"type": "http.request", "body": piece, "more_body": piece is not pieces[-1]}
        for piece in pieces
    ]


def reading(read, body: bytes, content_type: bytes) -> Once:
    """`once` that makes a request with this body and gives what `read(request)` gives."""
    scope = http_scope("POST", headers=[(b"content-type", content_type)])
    messages = in_chunks(body)

    async def once():
        incoming = iter(messages)

        async def receive():
            return next(incoming)

        return await read(Request(dict(scope), receive))

    return once


async def length_of_body(request):
    return len(await request.body())


async def names_in_form(request):
    async with request.form() as form:
        return len(form.multi_items())


async def size_of_file(request):
    async with request.form() as form:
        return form["file"].size


@case("body(): 100 bytes in one chunk", answer=100)
def small_body() -> Once:
    return reading(length_of_body, b"x" * 100, b"text/plain")


@case("body(): 1 MiB in chunks of 64 KiB", answer=MIB)
def large_body() -> Once:
    return reading(length_of_body, b"x" * MIB, b"text/plain")


@case("stream(): 1 MiB in chunks of 64 KiB", answer=MIB)
def stream() -> Once:
    async def read(request):
        return sum([len(chunk) async for chunk in request.stream()])

    return reading(read, b"x" * MIB, b"text/plain")


@case("json(): 300 bytes", answer=ORDER)
def json_in() -> Once:
    async def read(request):
        return await request.json()

    return reading(read, json.dumps(ORDER).encode(), b"application/json")


@case("form(): urlencoded, 3 fields", answer=3)
def login() -> Once:
    body = b"username=grace&password=correct+horse&next=%2Fhome"
    return reading(names_in_form, body, b"application/x-www-form-urlencoded")


@case("form(): urlencoded, 1000 fields", answer=1000)
def urlencoded() -> Once:
    body = b"&".join(b"field_%d=value+%d" % (n, n) for n in range(1000))
    return reading(names_in_form, body, b"application/x-www-form-urlencoded")


@case("form(): multipart, 20 fields", answer=20)
def multipart_fields() -> Once:
    field = b'--B\r\nContent-Disposition: form-data; name="field_%d"\r\n\r\nvalue %d\r\n'
    body = b"".join(field % (n, n) for n in range(20)) + b"--B--\r\n"
    return reading(names_in_form, body, b"multipart/form-data; boundary=B")


def upload(size: int) -> bytes:
    return (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="file.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + b"x" * size + b"\r\n--B--\r\n"
    )


@case("form(): multipart, one file of 10 KiB", answer=10 * 1024)
def small_file() -> Once:
    return reading(size_of_file, upload(10 * 1024), b"multipart/form-data; boundary=B")


@case("form(): multipart, one file of 10 MiB", answer=10 * MIB)
def large_file() -> Once:
    return reading(size_of_file, upload(10 * MIB), b"multipart/form-data; boundary=B")


@case("Request made, 2 of its properties read", answer=("POST", "/"))
def made() -> Once:
    scope = http_scope("POST")

    def once():
        request = Request(scope)
        return request.method, request.scope["path"]

    return once
