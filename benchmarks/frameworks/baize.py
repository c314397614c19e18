"""Baize, whose wheel is compiled."""

from baize.asgi import (
    JSONResponse,
    PlainTextResponse,
    Router,
    StreamResponse,
    request_response,
)

from .answers import STREAMS, TEXT, USER, chunks, wrapped


async def application(table=(), layers=()):
    @request_response
    async def text(request):
        return PlainTextResponse(TEXT)

    @request_response
    async def user(request):
        return JSONResponse(USER | {"id": request.path_params["id"]})

    @request_response
    async def form(request):
        return PlainTextResponse(str(len(await request.form)))

    @request_response
    async def stream(request):
        return StreamResponse(chunks(STREAMS[request.url.path]))

    router = Router(
        ("/", text),
        ("/users/{id:int}", user),
        ("/form", form),
        *((path, stream) for path in STREAMS),
        *((path, text) for path in table),
    )
    return wrapped(router, layers)
