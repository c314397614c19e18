"""Falcon, whose wheel is compiled."""

import falcon
import falcon.asgi

from .answers import STREAMS, TEXT, USER, chunks, wrapped


class Text:
    async def on_get(self, request, response):
        response.content_type = falcon.MEDIA_TEXT
        response.text = TEXT


class User:
    async def on_get(self, request, response, id):
        response.media = USER | {"id": id}


class Form:
    async def on_post(self, request, response):
        response.content_type = falcon.MEDIA_TEXT
        response.text = str(len(await request.get_media()))


class Stream:
    async def on_get(self, request, response):
        response.stream = chunks(STREAMS[request.path])


async def application(table=(), layers=()):
    app = falcon.asgi.App()
    app.add_route("/", Text())
    app.add_route("/users/{id:int}", User())
    app.add_route("/form", Form())
    for path in STREAMS:
        app.add_route(path, Stream())
    for path in table:
        app.add_route(path, Text())
    return wrapped(app, layers)
