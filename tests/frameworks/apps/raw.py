"""The application as plain ASGI: every shape that the specification allows and frameworks use."""

import json


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    elif scope["type"] == "websocket":
        await echo_socket(receive, send)
    else:
        await ENDPOINTS.get(scope["path"], missing)(scope, receive, send)


async def lifespan(scope, receive, send):
    await receive()
    scope["state"]["started"] = "yes"
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def answer(send, body, *headers, status=200):
    # An iterator of lists, names in capitals, a body that is no bytes.
    pairs = [[b"Content-Type", b"text/plain"], [b"Content-Length", b"%d" % len(body)], *headers]
    await send({"type": "http.response.start", "status": status, "headers": iter(pairs)})
    await send({"type": "http.response.body", "body": memoryview(body)})


async def text(scope, receive, send):
    await answer(send, b"hello")


async def large(scope, receive, send):
    await answer(send, b"0123456789" * 1000, [b"ETag", b'"large"'])


async def varying(scope, receive, send):
    await answer(send, b"hello" * 200, [b"VARY", b"Accept"], [b"Set-Cookie", b"a=b"])


async def stream(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    for chunk in (b"one ", b"two ", b"three"):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body"})


async def echo(scope, receive, send):
    body, more_body = b"", True
    while more_body:
        message = await receive()
        body += message.get("body", b"")
        more_body = message.get("more_body", False)
    await answer(send, body)


async def session(scope, receive, send):
    scope["session"]["count"] = scope["session"].get("count", 0) + 1
    await answer(send, json.dumps(dict(scope["session"])).encode())


async def replaced_session(scope, receive, send):
    scope["session"] = {"count": 100}
    await answer(send, b"replaced")


async def cleared_session(scope, receive, send):
    scope["session"] = None
    await answer(send, b"cleared")


async def user(scope, receive, send):
    await answer(send, scope["user"].display_name.encode())


async def started(scope, receive, send):
    await answer(send, scope["state"]["started"].encode())


async def error(scope, receive, send):
    raise LookupError("broken on purpose")


async def missing(scope, receive, send):
    await answer(send, b"nothing here", status=404)


async def echo_socket(receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    message = await receive()
    await send({"type": "websocket.send", "text": message["text"]})
    await send({"type": "websocket.close"})


ENDPOINTS = {
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
}
