"""Sanic, as an ASGI application; its own server is what it is usually run with.

It can be started once in a process, so that one application with the 1,000 routes serves all.
"""

import functools

import sanic
from sanic.response import ResponseStream

from .answers import STREAMS, TABLE, TEXT, USER, chunks, started, wrapped


async def application(table=(), layers=()):
    app = everything()
    if not hasattr(app.ctx, "started"):
        app.ctx.started = await started(app)
    return wrapped(app, layers)


@functools.cache
def everything():
    app = sanic.Sanic("benchmark", configure_logging=False)

    async def text(request):
        return sanic.text(TEXT)

    async def user(request, id):
        return sanic.json(USER | {"id": id})

    async def form(request):
        return sanic.text(str(len(request.form)))

    async def stream(request):
        async def send_all(response):
            async for chunk in chunks(STREAMS[request.path]):
                await response.write(chunk)

        return ResponseStream(send_all)

    app.add_route(text, "/")
    app.add_route(user, "/users/<id:int>")
    app.add_route(form, "/form", methods=["POST"])
    for number, path in enumerate(STREAMS):
        app.add_route(stream, path, name=f"stream{number}")
    for number, path in enumerate(TABLE):
        app.add_route(text, path, name=f"thing{number}")
    return app
