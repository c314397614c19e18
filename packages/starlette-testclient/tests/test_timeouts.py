"""Limits for how long a test waits, and what they say."""

from typing import Any

import anyio
import pytest

from starlette_testclient import AsyncTestClient, TestClient, WaitTimeout, httpx

START = {"type": "http.response.start", "status": 200}
MORE = {"type": "http.response.body", "body": b"a", "more_body": True}
ACCEPT = {"type": "websocket.accept"}


def hanging(*messages: Any) -> Any:
    """An application that sends these messages and then hangs."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)
        await anyio.sleep_forever()

    return app


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Any:
    return request.param


CASES = [
    ([], "start the response"),
    ([START], "go on with the body of the response"),
    ([START, MORE], "go on with the body of the response"),
    ([START, {"type": "http.response.body"}], "return, after its complete response"),
    (
        [START | {"trailers": True}, {"type": "http.response.body"}],
        "send the trailers of the response",
    ),
]


@pytest.mark.parametrize(("messages", "awaited"), CASES)
def test_a_request_that_hangs_says_what_it_waited_for(
    backend: Any, messages: list[Any], awaited: str
) -> None:
    client = TestClient(hanging(*messages), backend=backend, timeout=0.01)
    with pytest.raises(WaitTimeout) as caught:
        client.get("/slow")
    assert str(caught.value) == f"Waited 0.01 seconds for the application to {awaited} (GET /slow)."


@pytest.mark.parametrize(("messages", "awaited"), CASES)
async def test_so_does_an_asynchronous_one(messages: list[Any], awaited: str) -> None:
    with pytest.raises(WaitTimeout) as caught:
        await AsyncTestClient(hanging(*messages)).get("/slow", timeout=0.01)
    assert str(caught.value) == f"Waited 0.01 seconds for the application to {awaited} (GET /slow)."


def test_it_is_the_librarys_timeout_and_pythons() -> None:
    assert issubclass(WaitTimeout, httpx.TimeoutException)
    assert issubclass(WaitTimeout, TimeoutError)


def test_it_is_raised_whether_or_not_exceptions_of_the_application_are() -> None:
    client = TestClient(hanging(), raise_server_exceptions=False, timeout=0.01)
    with pytest.raises(WaitTimeout):
        client.get("/")


def test_a_request_may_have_its_own_limit() -> None:
    client = TestClient(hanging(), timeout=60)
    with pytest.raises(WaitTimeout):
        client.get("/", timeout=0.01)


def test_an_answer_in_time_is_an_answer(recorder: Any) -> None:
    assert TestClient(recorder, timeout=60).get("/").status_code == 204


def test_an_endless_body_is_stopped() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        while True:
            await send(MORE)

    with pytest.raises(WaitTimeout):
        TestClient(app, timeout=0.01).get("/")


@pytest.mark.parametrize("inside", [False, True])
def test_a_stream_that_does_not_start_is_cancelled(backend: Any, inside: bool) -> None:
    ends = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            try:
                await anyio.sleep_forever()
            finally:
                ends.append("cancelled")

    client = TestClient(app, backend=backend, timeout=0.1)
    if inside:
        client.__enter__()
    with pytest.raises(WaitTimeout, match="start the response"):
        client.stream("GET", "/").__enter__()
    if inside:
        client.__exit__()
    assert ends == ["cancelled"]


def test_a_stream_that_does_not_go_on_is_cancelled(backend: Any) -> None:
    client = TestClient(hanging(START, MORE), backend=backend, timeout=0.1)
    with client.stream("GET", "/") as response:
        with pytest.raises(WaitTimeout, match="go on with the body"):
            response.read()


async def test_an_asynchronous_stream_that_does_not_go_on_is_cancelled() -> None:
    async with AsyncTestClient(hanging(START, MORE), timeout=0.1).stream("GET", "/") as response:
        with pytest.raises(WaitTimeout, match="go on with the body"):
            await response.aread()


def test_a_websocket_that_is_not_accepted_says_so(backend: Any) -> None:
    client = TestClient(hanging(), backend=backend)
    with pytest.raises(WaitTimeout) as caught:
        client.websocket_connect("/ws", timeout=0.01).__enter__()
    assert str(caught.value) == (
        "Waited 0.01 seconds for the application to accept the websocket (websocket /ws)."
    )


@pytest.mark.parametrize(
    ("method", "awaited"),
    [
        ("receive", "send a message"),
        ("receive_text", "send text"),
        ("receive_bytes", "send bytes"),
        ("receive_json", "send JSON"),
    ],
)
def test_receiving_says_what_it_waited_for(method: str, awaited: str) -> None:
    with TestClient(hanging(ACCEPT)).websocket_connect("/ws") as session:
        with pytest.raises(WaitTimeout) as caught:
            getattr(session, method)(timeout=0.01)
    assert str(caught.value) == (
        f"Waited 0.01 seconds for the application to {awaited} (websocket /ws)."
    )


def test_the_limit_of_a_session_is_that_of_its_connect_or_of_its_client() -> None:
    with TestClient(hanging(ACCEPT), timeout=60).websocket_connect("/", timeout=0.1) as session:
        assert session.timeout == 0.1
        with pytest.raises(WaitTimeout):
            session.receive()
    with TestClient(hanging(ACCEPT), timeout=60).websocket_connect("/") as session:
        assert session.timeout == 60
    with TestClient(hanging(ACCEPT)).websocket_connect("/") as session:
        assert session.timeout is None


async def test_an_asynchronous_session_has_limits_too() -> None:
    client = AsyncTestClient(hanging())
    with pytest.raises(WaitTimeout, match="accept the websocket"):
        await client.websocket_connect("/", timeout=0.01).__aenter__()
    async with AsyncTestClient(hanging(ACCEPT)).websocket_connect("/") as session:
        with pytest.raises(WaitTimeout, match="send text"):
            await session.receive_text(timeout=0.01)


def test_the_applications_own_timeout_error_is_its_own() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise TimeoutError("database")

    with pytest.raises(TimeoutError, match=r"^database$"):
        TestClient(app, timeout=60).get("/")
    with pytest.raises(TimeoutError, match=r"^database$"):
        TestClient(app, timeout=60).websocket_connect("/").__enter__()


def test_a_lifespan_that_hangs_says_so(backend: Any) -> None:
    client = TestClient(hanging(), backend=backend, timeout=0.05)
    with pytest.raises(WaitTimeout) as caught:
        client.__enter__()
    assert str(caught.value) == (
        "Waited 0.05 seconds for the application to answer lifespan.startup."
    )


async def test_an_asynchronous_lifespan_that_hangs_says_so() -> None:
    with pytest.raises(WaitTimeout, match=r"answer lifespan\.startup"):
        await AsyncTestClient(hanging(), timeout=0.05).__aenter__()
