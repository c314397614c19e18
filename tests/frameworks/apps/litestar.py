"""The application in Litestar."""

from litestar import Litestar, MediaType, Request, Response, WebSocket, get, post, websocket
from litestar.response import Stream


@get("/text", media_type=MediaType.TEXT)
async def text() -> str:
    return "hello"


@get("/large")
async def large() -> Response[str]:
    return Response("0123456789" * 1000, media_type=MediaType.TEXT, headers={"ETag": '"large"'})


@get("/varying")
async def varying() -> Response[str]:
    headers = {"Vary": "Accept", "Set-Cookie": "a=b"}
    return Response("hello" * 200, media_type=MediaType.TEXT, headers=headers)


@get("/stream")
async def stream() -> Stream:
    async def chunks():
        for chunk in ("one ", "two ", "three"):
            yield chunk

    return Stream(chunks(), media_type=MediaType.TEXT)


@post("/echo", status_code=200)
async def echo(request: Request) -> Response[bytes]:
    return Response(await request.body(), media_type=MediaType.TEXT)


@get("/session")
async def session(request: Request) -> dict[str, int]:
    request.session["count"] = request.session.get("count", 0) + 1
    return dict(request.session)


@get("/session/replaced", media_type=MediaType.TEXT)
async def replaced_session(request: Request) -> str:
    request.set_session({"count": 100})
    return "replaced"


@get("/session/cleared", media_type=MediaType.TEXT)
async def cleared_session(request: Request) -> str:
    request.clear_session()
    return "cleared"


@get("/user", media_type=MediaType.TEXT)
async def user(request: Request) -> str:
    return request.user.display_name


@get("/started", media_type=MediaType.TEXT)
async def started(request: Request) -> str:
    return request.app.state.started


@get("/error")
async def error() -> None:
    raise LookupError("broken on purpose")


@websocket("/socket")
async def echo_socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()


def start(app: Litestar) -> None:
    app.state.started = "yes"


app = Litestar(
    [
        text,
        large,
        varying,
        stream,
        echo,
        session,
        replaced_session,
        cleared_session,
        user,
        started,
        error,
        echo_socket,
    ],
    on_startup=[start],
    request_max_body_size=None,
)
