"""The application in upstream's own Starlette, whose classes and exceptions are not ours."""

import contextlib

import starlette
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

if starlette.__version__ != "1.10.0":
    raise SystemExit(f"starlette {starlette.__version__} is not upstream's 1.10.0")


@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.started = "yes"
    yield


async def text(request):
    return PlainTextResponse("hello")


async def large(request):
    return PlainTextResponse("0123456789" * 1000, headers={"ETag": '"large"'})


async def varying(request):
    headers = {"Vary": "Accept", "Set-Cookie": "a=b"}
    return PlainTextResponse("hello" * 200, headers=headers)


async def stream(request):
    async def chunks():
        for chunk in ("one ", "two ", "three"):
            yield chunk

    return StreamingResponse(chunks(), media_type="text/plain")


async def echo(request):
    return PlainTextResponse(await request.body())


async def session(request):
    request.session["count"] = request.session.get("count", 0) + 1
    return JSONResponse(dict(request.session))


async def replaced_session(request):
    request.scope["session"] = {"count": 100}
    return PlainTextResponse("replaced")


async def cleared_session(request):
    request.scope["session"] = None
    return PlainTextResponse("cleared")


async def user(request):
    return PlainTextResponse(request.user.display_name)


async def started(request):
    return PlainTextResponse(request.app.state.started)


async def error(request):
    raise LookupError("broken on purpose")


async def echo_socket(websocket):
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


app = Starlette(
    routes=[
        Route("/text", text),
        Route("/large", large),
        Route("/varying", varying),
        Route("/stream", stream),
        Route("/echo", echo, methods=["POST"]),
        Route("/session", session),
        Route("/session/replaced", replaced_session),
        Route("/session/cleared", cleared_session),
        Route("/user", user),
        Route("/started", started),
        Route("/error", error),
        WebSocketRoute("/socket", echo_socket),
    ],
    lifespan=lifespan,
)
