"""The limit: each answer by hand, in an ASGI application without anything to find or to choose."""

import json
from urllib.parse import parse_qsl

from .answers import STREAMS, TEXT, USER, chunks, wrapped

PLAIN = (b"content-type", b"text/plain; charset=utf-8")
JSON = (b"content-type", b"application/json")


async def answer(send, body, content_type):
    headers = [(b"content-length", b"%d" % len(body)), content_type]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def text(scope, receive, send):
    await answer(send, TEXT.encode(), PLAIN)


async def user(scope, receive, send):
    body = USER | {"id": int(scope["path"].removeprefix("/users/"))}
    await answer(send, json.dumps(body, separators=(",", ":")).encode(), JSON)


async def form(scope, receive, send):
    body = b""
    more = True
    while more:
        message = await receive()
        body += message["body"]
        more = message["more_body"]
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    await answer(send, str(len(fields)).encode(), PLAIN)


async def stream(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    async for chunk in chunks(STREAMS[scope["path"]]):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


PATHS = {"/": text, "/users/42": user, "/form": form, **dict.fromkeys(STREAMS, stream)}


async def application(table=(), layers=()):
    paths = PATHS | dict.fromkeys(table, text)

    async def app(scope, receive, send):
        await paths[scope["path"]](scope, receive, send)

    return wrapped(app, layers)
