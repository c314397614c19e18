"""The application in Quart."""

from quart import Quart, Response, jsonify, request, websocket

app = Quart(__name__)
app.config["MAX_CONTENT_LENGTH"] = None


@app.before_serving
async def start():
    app.config["STARTED"] = "yes"


def plain(body, **headers):
    return Response(body, headers=headers, content_type="text/plain")


@app.get("/text")
async def text():
    return plain("hello")


@app.get("/large")
async def large():
    return plain("0123456789" * 1000, ETag='"large"')


@app.get("/varying")
async def varying():
    return plain("hello" * 200, Vary="Accept", **{"Set-Cookie": "a=b"})


@app.get("/stream")
async def stream():
    async def chunks():
        for chunk in (b"one ", b"two ", b"three"):
            yield chunk

    return plain(chunks())


@app.post("/echo")
async def echo():
    return plain(await request.get_data())


@app.get("/session")
async def session():
    kept = request.scope["session"]
    kept["count"] = kept.get("count", 0) + 1
    return jsonify(dict(kept))


@app.get("/session/replaced")
async def replaced_session():
    request.scope["session"] = {"count": 100}
    return plain("replaced")


@app.get("/session/cleared")
async def cleared_session():
    request.scope["session"] = None
    return plain("cleared")


@app.get("/user")
async def user():
    return plain(request.scope["user"].display_name)


@app.get("/started")
async def started():
    return plain(app.config["STARTED"])


@app.get("/error")
async def error():
    raise LookupError("broken on purpose")


@app.websocket("/socket")
async def echo_socket():
    await websocket.send(await websocket.receive())
