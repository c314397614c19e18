"""Quart."""

import quart

from .answers import STREAMS, TEXT, USER, chunks, wrapped


async def application(table=(), layers=()):
    app = quart.Quart("benchmark")

    async def text():
        return quart.Response(TEXT, mimetype="text/plain")

    async def user(id):
        return USER | {"id": id}

    async def form():
        return quart.Response(str(len(await quart.request.form)), mimetype="text/plain")

    async def stream():
        return quart.Response(chunks(STREAMS[quart.request.path]))

    app.add_url_rule("/", "text", text)
    app.add_url_rule("/users/<int:id>", "user", user)
    app.add_url_rule("/form", "form", form, methods=["POST"])
    for path in STREAMS:
        app.add_url_rule(path, path, stream)
    for path in table:
        app.add_url_rule(path, path, text)
    return wrapped(app, layers)
