"""BlackSheep."""

from functools import partial

from blacksheep import Application, Response, Router, StreamedContent, json, text

from .answers import STREAMS, TEXT, USER, chunks, wrapped


async def application(table=(), layers=()):
    router = Router()
    app = Application(router=router)

    async def hello(request):
        return text(TEXT)

    async def user(request):
        return json(USER | {"id": int(request.route_values["id"])})

    async def form(request):
        return text(str(len(await request.form())))

    async def stream(request):
        data = partial(chunks, STREAMS[request.url.path.decode()])
        return Response(200, content=StreamedContent(b"application/octet-stream", data))

    router.add_get("/", hello)
    router.add_get("/users/:id", user)
    router.add_post("/form", form)
    for path in STREAMS:
        router.add_get(path, stream)
    for path in table:
        router.add_get(path, hello)
    await app.start()
    return wrapped(app, layers)
