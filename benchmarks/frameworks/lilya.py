"""Lilya."""

from lilya.apps import Lilya
from lilya.middleware import DefineMiddleware
from lilya.requests import Request
from lilya.responses import JSONResponse, PlainText, StreamingResponse
from lilya.routing import Path

from .answers import STREAMS, TEXT, USER, chunks


async def application(table=(), layers=()):
    async def text():
        return PlainText(TEXT)

    async def user(id: int):
        return JSONResponse(USER | {"id": id})

    async def form(request: Request):
        async with request.form() as fields:
            return PlainText(str(len(fields)))

    async def stream(request: Request):
        return StreamingResponse(chunks(STREAMS[request.url.path]))

    return Lilya(
        routes=[
            Path("/", text),
            Path("/users/{id:int}", user),
            Path("/form", form, methods=["POST"]),
            *(Path(path, stream) for path in STREAMS),
            *(Path(path, text) for path in table),
        ],
        middleware=[DefineMiddleware(layer) for layer in layers],
    )
