"""The application in FastAPI."""

import contextlib

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import PlainTextResponse, StreamingResponse


@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.started = "yes"
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/text")
async def text():
    return PlainTextResponse("hello")


@app.api_route("/large", methods=["GET", "HEAD"])
async def large():
    return PlainTextResponse("0123456789" * 1000, headers={"ETag": '"large"'})


@app.get("/varying")
async def varying():
    headers = {"Vary": "Accept", "Set-Cookie": "a=b"}
    return PlainTextResponse("hello" * 200, headers=headers)


@app.get("/stream")
async def stream():
    async def chunks():
        for chunk in ("one ", "two ", "three"):
            yield chunk

    return StreamingResponse(chunks(), media_type="text/plain")


@app.post("/echo")
async def echo(request: Request):
    return PlainTextResponse(await request.body())


@app.get("/session")
async def session(request: Request):
    request.session["count"] = request.session.get("count", 0) + 1
    return dict(request.session)


@app.get("/session/replaced")
async def replaced_session(request: Request):
    request.scope["session"] = {"count": 100}
    return PlainTextResponse("replaced")


@app.get("/session/cleared")
async def cleared_session(request: Request):
    request.scope["session"] = None
    return PlainTextResponse("cleared")


@app.get("/user")
async def user(request: Request):
    return PlainTextResponse(request.user.display_name)


@app.get("/started")
async def started(request: Request):
    return PlainTextResponse(request.app.state.started)


@app.get("/error")
async def error():
    raise LookupError("broken on purpose")


@app.websocket("/socket")
async def echo_socket(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()
