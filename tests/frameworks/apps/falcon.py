"""The application in Falcon."""

import falcon.asgi


class Resource:
    """A resource that answers GET, and POST, by the function it is given."""

    def __init__(self, answer):
        self.answer = answer

    async def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        await self.answer(req, resp)

    on_post = on_get

    async def on_head(self, req, resp):
        await self.on_get(req, resp)


class Socket:
    async def on_websocket(self, req, ws):
        await ws.accept()
        await ws.send_text(await ws.receive_text())
        await ws.close()


class Lifespan:
    started = "no"

    async def process_startup(self, scope, event):
        self.started = "yes"


async def text(req, resp):
    resp.text = "hello"


async def large(req, resp):
    resp.set_header("ETag", '"large"')
    resp.text = "0123456789" * 1000


async def varying(req, resp):
    resp.set_header("Vary", "Accept")
    resp.set_cookie("a", "b", secure=False)
    resp.text = "hello" * 200


async def stream(req, resp):
    async def chunks():
        for chunk in (b"one ", b"two ", b"three"):
            yield chunk

    resp.stream = chunks()


async def echo(req, resp):
    resp.data = await req.stream.read()


async def session(req, resp):
    kept = req.scope["session"]
    kept["count"] = kept.get("count", 0) + 1
    resp.content_type = falcon.MEDIA_JSON
    resp.media = dict(kept)


async def replaced_session(req, resp):
    req.scope["session"] = {"count": 100}
    resp.text = "replaced"


async def cleared_session(req, resp):
    req.scope["session"] = None
    resp.text = "cleared"


async def user(req, resp):
    resp.text = req.scope["user"].display_name


async def started(req, resp):
    resp.text = lifespan.started


async def error(req, resp):
    raise LookupError("broken on purpose")


lifespan = Lifespan()
app = falcon.asgi.App(middleware=[lifespan])
for path, answer in {
    "/text": text,
    "/large": large,
    "/varying": varying,
    "/stream": stream,
    "/echo": echo,
    "/session": session,
    "/session/replaced": replaced_session,
    "/session/cleared": cleared_session,
    "/user": user,
    "/started": started,
    "/error": error,
}.items():
    app.add_route(path, Resource(answer))
app.add_route("/socket", Socket())
