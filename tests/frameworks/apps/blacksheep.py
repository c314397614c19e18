"""The application in BlackSheep."""

from blacksheep import Application, Content, Request, Response, StreamedContent, WebSocket, json

app = Application()
kept: dict[str, str] = {}


@app.on_start
async def start(application: Application) -> None:
    kept["started"] = "yes"


def plain(body: bytes, *headers: tuple[bytes, bytes]) -> Response:
    return Response(200, list(headers), Content(b"text/plain", body))


@app.router.get("/text")
async def text() -> Response:
    return plain(b"hello")


@app.router.get("/large")
async def large() -> Response:
    return plain(b"0123456789" * 1000, (b"ETag", b'"large"'))


@app.router.head("/large")
async def large_head() -> Response:
    return await large()


@app.router.get("/varying")
async def varying() -> Response:
    return plain(b"hello" * 200, (b"Vary", b"Accept"), (b"Set-Cookie", b"a=b"))


@app.router.get("/stream")
async def stream() -> Response:
    async def chunks():
        for chunk in (b"one ", b"two ", b"three"):
            yield chunk

    return Response(200, [], StreamedContent(b"text/plain", chunks))


@app.router.post("/echo")
async def echo(request: Request) -> Response:
    return plain(await request.read() or b"")


@app.router.get("/session")
async def session(request: Request) -> Response:
    session = request.scope["session"]
    session["count"] = session.get("count", 0) + 1
    return json(dict(session))


@app.router.get("/session/replaced")
async def replaced_session(request: Request) -> Response:
    request.scope["session"] = {"count": 100}
    return plain(b"replaced")


@app.router.get("/session/cleared")
async def cleared_session(request: Request) -> Response:
    request.scope["session"] = None
    return plain(b"cleared")


@app.router.get("/user")
async def user(request: Request) -> Response:
    return plain(request.scope["user"].display_name.encode())


@app.router.get("/started")
async def started() -> Response:
    return plain(kept["started"].encode())


@app.router.get("/error")
async def error() -> Response:
    raise LookupError("broken on purpose")


@app.router.ws("/socket")
async def echo_socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()
