"""A chat: frames received and sent over one accepted socket, alone and in an application."""

import json

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from cases import App, Once, case, websocket_scope

FRAMES = 100
TEXT = "hello, everybody in the room"
JSON = {"type": "message", "room": 7, "text": TEXT, "tags": ["a", "b"]}
SCOPE = websocket_scope()


def chat(app: App, text: str) -> Once:
    """`once` that connects, sends FRAMES frames and leaves; answers the frames that came back."""
    frame = {"type": "websocket.receive", "text": text}
    messages = [{"type": "websocket.connect"}, *[frame] * FRAMES]
    messages.append({"type": "websocket.disconnect", "code": 1000, "reason": ""})

    async def once() -> int:
        sent = 0
        incoming = iter(messages)

        async def receive():
            return next(incoming)

        async def send(message):
            nonlocal sent
            sent += message["type"] == "websocket.send"

        await app(dict(SCOPE), receive, send)
        return sent

    return once


@case("echo of 100 text frames", answer=FRAMES)
def text() -> Once:
    async def app(scope, receive, send):
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnect:
            pass

    return chat(app, TEXT)


@case("echo of 100 text frames", answer=FRAMES, contender="raw")
def raw_text() -> Once:
    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})

    return chat(app, TEXT)


@case("echo of 100 text frames by iteration", answer=FRAMES)
def iterated() -> Once:
    async def app(scope, receive, send):
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        async for data in websocket.iter_text():
            await websocket.send_text(data)

    return chat(app, TEXT)


@case("echo of 100 JSON frames", answer=FRAMES)
def as_json() -> Once:
    async def app(scope, receive, send):
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        async for data in websocket.iter_json():
            await websocket.send_json(data)

    return chat(app, json.dumps(JSON))


@case("echo of 100 JSON frames", answer=FRAMES, contender="raw")
def raw_json() -> Once:
    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        while (message := await receive())["type"] == "websocket.receive":
            answer = json.dumps(json.loads(message["text"]))
            await send({"type": "websocket.send", "text": answer})

    return chat(app, json.dumps(JSON))


async def text_endpoint(websocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass


async def json_endpoint(websocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_json(await websocket.receive_json())
    except WebSocketDisconnect:
        pass


@case("application: echo of 100 text frames", answer=FRAMES)
def application_text() -> Once:
    return chat(Starlette(routes=[WebSocketRoute("/ws", text_endpoint)]), TEXT)


@case("application: echo of 100 JSON frames", answer=FRAMES)
def application_json() -> Once:
    return chat(Starlette(routes=[WebSocketRoute("/ws", json_endpoint)]), json.dumps(JSON))
