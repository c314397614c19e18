"""Reading requests: bodies, JSON, and forms of both kinds.

"raw" is the least that a hand-written application does: a loop over the messages (for `stream()`
in a generator), the standard library's JSON, and python-multipart with callbacks that do nothing.
"""

import json

from python_multipart.multipart import MultipartParser

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


async def whole(receive) -> bytes:
    """The body of a request, read by hand."""
    chunks, more = [], True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def by_hand(scope, receive):
    return receive


def reading(read, body: bytes, content_type: bytes, request=Request) -> Once:
    """`once` that makes a request with this body and gives what `read(request)` gives."""
    scope = http_scope("POST", headers=[(b"content-type", content_type)])
    messages = in_chunks(body)

    async def once():
        incoming = iter(messages)

        async def receive():
            return next(incoming)

        return await read(request(dict(scope), receive))

    return once


async def length_of_body(request):
    return len(await request.body())


async def names_in_form(request):
    async with request.form() as form:
        return len(form.multi_items())


async def size_of_file(request):
    async with request.form() as form:
        return form["file"].size


def nothing(*args):
    pass


CALLBACKS = dict.fromkeys(
    ["on_header_field", "on_header_value", "on_header_end", "on_headers_finished"]
    + ["on_part_data", "on_part_end", "on_end"],
    nothing,
)


async def parsed_by_the_library(receive):
    return MultipartParser(b"B", CALLBACKS).write(await whole(receive))


async def length_by_hand(receive):
    return len(await whole(receive))


@case("body(): 100 bytes in one chunk", 100, "raw")
def raw_small_body() -> Once:
    return reading(length_by_hand, b"x" * 100, b"text/plain", by_hand)


@case("body(): 1 MiB in chunks of 64 KiB", MIB, "raw")
def raw_large_body() -> Once:
    return reading(length_by_hand, b"x" * MIB, b"text/plain", by_hand)


@case("stream(): 1 MiB in chunks of 64 KiB", MIB, "raw")
def raw_stream() -> Once:
    async def chunks_of(receive):
        more = True
        while more:
            message = await receive()
            yield message.get("body", b"")
            more = message.get("more_body", False)

    async def read(receive):
        return sum([len(chunk) async for chunk in chunks_of(receive)])

    return reading(read, b"x" * MIB, b"text/plain", by_hand)


@case("json(): 300 bytes", ORDER, "raw")
def raw_json_in() -> Once:
    async def read(receive):
        return json.loads(await whole(receive))

    return reading(read, json.dumps(ORDER).encode(), b"application/json", by_hand)


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


FIELD = b'--B\r\nContent-Disposition: form-data; name="field_%d"\r\n\r\nvalue %d\r\n'
FIELDS = b"".join(FIELD % (n, n) for n in range(20)) + b"--B--\r\n"


@case("form(): multipart, 20 fields", answer=20)
def multipart_fields() -> Once:
    return reading(names_in_form, FIELDS, b"multipart/form-data; boundary=B")


@case("form(): multipart, 20 fields", len(FIELDS), "raw")
def raw_multipart_fields() -> Once:
    return reading(parsed_by_the_library, FIELDS, b"multipart/form-data; boundary=B", by_hand)


def upload(size: int) -> bytes:
    return (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="file.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + b"x" * size + b"\r\n--B--\r\n"
    )


@case("form(): multipart, one file of 10 KiB", answer=10 * 1024)
def small_file() -> Once:
    return reading(size_of_file, upload(10 * 1024), b"multipart/form-data; boundary=B")


@case("form(): multipart, one file of 10 KiB", len(upload(10 * 1024)), "raw")
def raw_multipart_file() -> Once:
    body = upload(10 * 1024)
    return reading(parsed_by_the_library, body, b"multipart/form-data; boundary=B", by_hand)


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
