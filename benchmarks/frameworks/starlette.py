"""Ours and upstream."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route

from .answers import STREAMS, TEXT, USER, chunks


async def application(table=(), layers=()):
    async def text(request):
        return PlainTextResponse(TEXT)

    async def user(request):
        return JSONResponse(USER | {"id": request.path_params["id"]})

    async def form(request):
        async with request.form() as fields:
            return PlainTextResponse(str(len(fields)))

    async def stream(request):
        return StreamingResponse(chunks(STREAMS[request.url.path]))

    return Starlette(
        routes=[
            Route("/", text),
            Route("/users/{id:int}", user),
            Route("/form", form, methods=["POST"]),
            *(Route(path, stream) for path in STREAMS),
            *(Route(path, text) for path in table),
        ],
        middleware=[Middleware(layer) for layer in layers],
    )
