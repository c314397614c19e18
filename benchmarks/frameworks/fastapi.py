"""FastAPI, on ours and on upstream. A form goes by its request: fields are not known before."""

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, StreamingResponse

from .answers import STREAMS, TEXT, USER, chunks


async def application(table=(), layers=()):
    app = FastAPI(openapi_url=None)

    async def text():
        return PlainTextResponse(TEXT)

    async def user(id: int):
        return USER | {"id": id}

    async def form(request: Request):
        async with request.form() as fields:
            return PlainTextResponse(str(len(fields)))

    async def stream(request: Request):
        return StreamingResponse(chunks(STREAMS[request.url.path]))

    app.get("/")(text)
    app.get("/users/{id}")(user)
    app.post("/form")(form)
    for path in STREAMS:
        app.get(path)(stream)
    for path in table:
        app.get(path)(text)
    for layer in layers:
        app.add_middleware(layer)
    return app
