"""Litestar."""

from litestar import Litestar, MediaType, Request, get, post
from litestar.response import Stream

from .answers import STREAMS, TEXT, USER, chunks, started


async def application(table=(), layers=()):
    @get("/", media_type=MediaType.TEXT)
    async def text() -> str:
        return TEXT

    @get("/users/{id:int}")
    async def user(id: int) -> dict:
        return USER | {"id": id}

    @post("/form", media_type=MediaType.TEXT, status_code=200)
    async def form(request: Request) -> str:
        return str(len(await request.form()))

    @get(list(STREAMS))
    async def stream(request: Request) -> Stream:
        return Stream(chunks(STREAMS[request.url.path]))

    handlers = [text, user, form, stream]
    if table:

        @get(list(table), media_type=MediaType.TEXT)
        async def thing() -> str:
            return TEXT

        handlers.append(thing)
    return await started(Litestar(handlers, middleware=list(layers), openapi_config=None))
