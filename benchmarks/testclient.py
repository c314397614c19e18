"""The test client: a request inside and outside of `with`, a websocket, a stream."""

import atexit
import warnings

from starlette.testclient import TestClient

from cases import Once, case

warnings.simplefilter("ignore")  # upstream's about httpx

START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-length", b"13"), (b"content-type", b"text/plain; charset=utf-8")],
}
BODY = {"type": "http.response.body", "body": b"Hello, world!"}


async def app(scope, receive, send):
    if scope["type"] == "http":
        await send(START)
        await send(BODY)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
    else:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


def entered() -> TestClient:
    client = TestClient(app)
    client.__enter__()
    atexit.register(client.__exit__, None, None, None)
    return client


def get(client: TestClient) -> Once:
    return lambda: client.get("/").text


def connect_and_echo(client: TestClient) -> Once:
    def once() -> str:
        with client.websocket_connect("/") as session:
            session.send_text("hello")
            return session.receive_text()

    return once


def stream(client: TestClient) -> Once:
    def once() -> bytes:
        with client.stream("GET", "/") as response:
            return b"".join(response.iter_raw())

    return once


@case("GET inside with", answer="Hello, world!")
def get_inside() -> Once:
    return get(entered())


@case("GET without with", answer="Hello, world!")
def get_outside() -> Once:
    return get(TestClient(app))


@case("stream inside with", answer=b"Hello, world!")
def stream_inside() -> Once:
    return stream(entered())


@case("stream without with", answer=b"Hello, world!")
def stream_outside() -> Once:
    return stream(TestClient(app))


@case("websocket connect and echo inside with", answer="hello")
def websocket_inside() -> Once:
    return connect_and_echo(entered())


@case("websocket connect and echo without with", answer="hello")
def websocket_outside() -> Once:
    return connect_and_echo(TestClient(app))


@case("websocket echo", answer="hello")
def echo() -> Once:
    session = entered().websocket_connect("/")
    session.__enter__()
    atexit.register(session.__exit__, None, None, None)

    def once() -> str:
        session.send_text("hello")
        return session.receive_text()

    return once


@case("with TestClient(app)", answer=True)
def enter() -> Once:
    def once() -> bool:
        with TestClient(app) as client:
            return client.portal is not None

    return once
