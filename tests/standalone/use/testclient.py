"""starlette-testclient[httpx]: a test of an application of another framework."""

from typing import Any

from starlette_testclient import TestClient


async def framework(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})
        return
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": (await receive())["text"]})
    await send({"type": "websocket.close"})


client = TestClient(framework)
assert client.get("/path").text == "/path"
with client.websocket_connect("/") as session:
    session.send_text("hello")
    assert session.receive_text() == "hello"
