"""The synchronous client: requests, responses, failures of the application."""

import asyncio
import contextvars
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from starlette_http.exceptions import StarletteDeprecationWarning
from starlette_testclient import TestClient, httpx

START = {"type": "http.response.start", "status": 200}
BODY = {"type": "http.response.body", "body": b"Hello, world!"}
Sending = Callable[..., Any]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        return
    message = await receive()
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": message["body"]})


def test_a_response_has_what_the_application_sent(sending: Sending) -> None:
    start = START | {"status": 201, "headers": [(b"x-a", b"1"), (b"x-a", b"2")]}
    response = TestClient(sending(start, BODY)).get("/")
    assert response.status_code == 201
    assert response.headers.get_list("x-a") == ["1", "2"]
    assert response.text == "Hello, world!"
    assert response.http_version == "HTTP/1.1"
    assert response.request.url == "http://testserver/"
    assert response.elapsed.total_seconds() > 0


@pytest.mark.parametrize(
    "method", ["get", "options", "head", "post", "put", "patch", "delete", "query"]
)
def test_every_method_reaches_the_application(recorder: Any, method: str) -> None:
    assert getattr(TestClient(recorder), method)("/").status_code == 204
    assert recorder.scope["method"] == method.upper()


def test_a_body_arrives_in_one_message(recorder: Any) -> None:
    TestClient(recorder).post("/", content=b"abc")
    assert recorder.received == [{"type": "http.request", "body": b"abc"}]


def test_a_generator_body_is_joined() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"a"
        yield b"b"

    assert TestClient(echo).post("/", content=pieces()).content == b"ab"


def test_json_and_forms_are_sent_as_the_library_sends_them() -> None:
    client = TestClient(echo)
    assert client.post("/", json={"a": 1}).json() == {"a": 1}
    assert client.post("/", data={"a": "1"}).content == b"a=1"


def test_after_the_response_receive_gives_the_disconnect() -> None:
    received = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(START)
        await send(BODY)
        received.extend([await receive(), await receive()])

    TestClient(app).get("/")
    assert received == [{"type": "http.disconnect"}] * 2


def test_receive_waits_for_the_response_to_be_complete() -> None:
    order: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()

        async def listen() -> None:
            await receive()
            order.append("disconnect")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            await anyio.lowlevel.checkpoint()
            await send(START)
            order.append("body")
            await send(BODY)

    TestClient(app).get("/")
    assert order == ["body", "disconnect"]


def test_head_has_no_body(sending: Sending) -> None:
    assert TestClient(sending(START, BODY)).head("/").content == b""


def test_any_bytes_like_body_is_taken(sending: Sending) -> None:
    app = sending(
        START,
        {"type": "http.response.body", "body": bytearray(b"a"), "more_body": True},
        {"type": "http.response.body", "body": memoryview(b"b")},
    )
    assert TestClient(app).get("/").content == b"ab"


def test_header_bytes_that_are_not_utf8_pass_through(sending: Sending) -> None:
    app = sending(START | {"headers": [(b"x-name", b"caf\xe9")]}, BODY)
    response = TestClient(app).get("/")
    assert (b"x-name", b"caf\xe9") in response.headers.raw
    assert response.headers["x-name"] == "café"


def test_the_request_returns_after_the_application() -> None:
    done = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(BODY)
        await anyio.lowlevel.checkpoint()
        done.append(True)

    TestClient(app).get("/")
    assert done == [True]


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ([START, START], 'Received multiple "http.response.start" messages.'),
        ([BODY], 'Received "http.response.body" without "http.response.start".'),
        ([START, BODY, BODY], 'Received "http.response.body" after response completed.'),
        (
            [START | {"trailers": True}, BODY, BODY],
            'Received "http.response.body" after body completed.',
        ),
        (
            [START, {"type": "http.response.trailers"}],
            'Received "http.response.trailers" without declaring trailers.',
        ),
        (
            [START | {"trailers": True}, {"type": "http.response.trailers"}],
            'Received "http.response.trailers" before body completed.',
        ),
        (
            [START | {"trailers": True}, BODY, *[{"type": "http.response.trailers"}] * 2],
            'Received "http.response.trailers" after response completed.',
        ),
    ],
)
def test_a_message_out_of_turn_is_an_assertion_error(
    sending: Sending, messages: list[Any], error: str
) -> None:
    with pytest.raises(AssertionError) as caught:
        TestClient(sending(*messages)).get("/")
    assert str(caught.value) == error


def test_messages_of_other_types_are_ignored(sending: Sending) -> None:
    app = sending(
        {"type": "http.response.push"}, START, {"type": "http.response.zerocopysend"}, BODY
    )
    assert TestClient(app).get("/").content == b"Hello, world!"


def test_trailers_are_an_extension_of_the_response(sending: Sending) -> None:
    trailers = {"type": "http.response.trailers"}
    app = sending(
        START | {"trailers": True},
        BODY,
        trailers | {"headers": [(b"a", b"1")], "more_trailers": True},
        trailers | {"headers": [(b"a", b"2")]},
    )
    response = TestClient(app).get("/")
    assert response.extensions["http.response.trailers"] == [(b"a", b"1"), (b"a", b"2")]


def test_without_declared_trailers_there_is_no_such_extension(sending: Sending) -> None:
    assert "http.response.trailers" not in TestClient(sending(START, BODY)).get("/").extensions


def test_debug_information_is_on_the_response(sending: Sending) -> None:
    info = {"template": "index.html", "context": {"a": 1}}
    app = sending({"type": "http.response.debug", "info": info}, START, BODY)
    response: Any = TestClient(app).get("/")
    assert response.extensions["http.response.debug"] == info
    assert (response.template, response.context) == ("index.html", {"a": 1})


def test_without_debug_information_there_is_no_template(sending: Sending) -> None:
    assert not hasattr(TestClient(sending(START, BODY)).get("/"), "template")


def test_early_hints_are_an_extension_of_the_response(sending: Sending) -> None:
    hint = {"type": "http.response.early_hint", "links": [b"</style.css>; rel=preload"]}
    response = TestClient(sending(hint, START, BODY)).get("/")
    assert response.extensions["http.response.early_hint"] == [[b"</style.css>; rel=preload"]]


@pytest.mark.parametrize("messages", [[], [START], [START, BODY]])
def test_an_exception_of_the_application_is_raised(sending: Sending, messages: list[Any]) -> None:
    with pytest.raises(ValueError, match="boom"):
        TestClient(sending(*messages, ValueError("boom"))).get("/")


def test_an_exception_before_the_start_is_a_500_when_not_raised(sending: Sending) -> None:
    client = TestClient(sending(ValueError("boom")), raise_server_exceptions=False)
    response = client.get("/")
    assert (response.status_code, response.content, response.headers.raw) == (500, b"", [])


def test_an_exception_after_the_start_leaves_what_was_sent(sending: Sending) -> None:
    app = sending(START, BODY | {"more_body": True}, ValueError("boom"))
    response = TestClient(app, raise_server_exceptions=False).get("/")
    assert (response.status_code, response.content) == (200, b"Hello, world!")


def test_an_application_without_a_response_is_an_assertion_error(sending: Sending) -> None:
    with pytest.raises(AssertionError, match=r"^TestClient did not receive any response\.$"):
        TestClient(sending()).get("/")
    assert TestClient(sending(), raise_server_exceptions=False).get("/").status_code == 500


def test_what_is_no_exception_of_the_application_is_always_raised() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise SystemExit(3)

    client = TestClient(app, raise_server_exceptions=False)
    with pytest.raises(SystemExit):
        client.get("/")


def test_a_cut_off_response_goes_unnoticed_by_default(sending: Sending) -> None:
    app = sending(START | {"trailers": True}, BODY | {"more_body": True})
    assert TestClient(app).get("/").content == b"Hello, world!"


def test_strict_refuses_a_body_that_is_cut_off(sending: Sending) -> None:
    client = TestClient(sending(START, BODY | {"more_body": True}), strict=True)
    with pytest.raises(
        AssertionError, match=r"^The application returned without the end of the body\.$"
    ):
        client.get("/")


def test_strict_refuses_missing_trailers(sending: Sending) -> None:
    client = TestClient(sending(START | {"trailers": True}, BODY), strict=True)
    with pytest.raises(
        AssertionError, match=r"^The application returned without the declared trailers\.$"
    ):
        client.get("/")


def test_strict_takes_a_complete_response(sending: Sending) -> None:
    assert TestClient(sending(START, BODY), strict=True).get("/").status_code == 200


def test_redirects_are_followed_by_default() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/old":
            await send(START | {"status": 307, "headers": [(b"location", b"/new")]})
            await send({"type": "http.response.body"})
        else:
            await send(START)
            await send(BODY)

    client = TestClient(app)
    assert client.get("/old").url == "http://testserver/new"
    assert client.get("/old", follow_redirects=False).status_code == 307


def test_cookies_of_responses_are_kept(recorder: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        recorder.scopes.append(scope)
        await send(START | {"headers": [(b"set-cookie", b"a=1")]})
        await send(BODY)

    client = TestClient(app, cookies={"b": "2"})
    client.get("/")
    client.get("/")
    assert (b"cookie", b"b=2; a=1") in recorder.scope["headers"]


def test_a_timeout_warns_and_is_ignored(recorder: Any) -> None:
    with pytest.warns(
        StarletteDeprecationWarning,
        match=r"^You should not use the 'timeout' argument with the TestClient\.",
    ):
        response = TestClient(recorder).get("/", timeout=0)
    assert response.status_code == 204


def test_a_closed_client_sends_nothing(recorder: Any) -> None:
    client = TestClient(recorder)
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.get("/")


def test_an_asgi2_class_is_adapted() -> None:
    class App:
        def __init__(self, scope: Any) -> None:
            self.path = scope["path"]

        async def __call__(self, receive: Any, send: Any) -> None:
            await send(START)
            await send({"type": "http.response.body", "body": self.path.encode()})

    assert TestClient(App).get("/here").text == "/here"


def test_a_plain_function_that_takes_three_arguments_is_asgi3() -> None:
    def app(scope: Any, receive: Any, send: Any) -> Any:
        return echo(scope, receive, send)

    assert TestClient(app).post("/", content=b"a").text == "a"


def test_public_attributes(recorder: Any) -> None:
    client = TestClient(recorder, backend_options={"debug": True})
    assert client.app is recorder
    assert client.app_state == {}
    assert client.async_backend == {"backend": "asyncio", "backend_options": {"debug": True}}
    assert client.portal is None
    assert TestClient.__test__ is False
    assert isinstance(client, httpx.Client)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_both_backends_serve(backend: Any) -> None:
    client = TestClient(echo, backend=backend)
    assert client.post("/", content=b"a").text == "a"
    with client:
        assert client.post("/", content=b"b").text == "b"


def test_backend_options_reach_the_loop() -> None:
    debug = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        debug.append(asyncio.get_running_loop().get_debug())
        await send(START)
        await send(BODY)

    TestClient(app, backend_options={"debug": True}).get("/")
    assert debug == [True]


def test_an_unknown_backend_is_a_lookup_error(recorder: Any) -> None:
    client = TestClient(recorder, backend="curio")  # type: ignore[arg-type]
    with pytest.raises(LookupError):
        client.get("/")
    with pytest.raises(LookupError):
        client.__enter__()
    with pytest.raises(LookupError), client.websocket_connect("/"):
        raise NotImplementedError
    with pytest.raises(LookupError), client.websocket_connect("/").portal_factory():
        raise NotImplementedError
    with pytest.raises(LookupError), client.stream("GET", "/"):
        raise NotImplementedError


name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="nobody")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("inside", [True, False])
def test_the_application_sees_the_callers_context_variables(backend: Any, inside: bool) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        greeting = name.get().encode()
        name.set("the application")
        await send(START)
        await send({"type": "http.response.body", "body": greeting})

    client = TestClient(app, backend=backend)
    if inside:
        client.__enter__()
    token = name.set("the test")
    assert client.get("/").text == "the test"
    assert name.get() == "the test"
    name.reset(token)
    if inside:
        client.__exit__()


def test_requests_outside_with_leave_no_thread(recorder: Any) -> None:
    before = threading.active_count()
    TestClient(recorder).get("/")
    assert threading.active_count() <= before


def test_requests_outside_with_each_have_a_loop_of_their_own() -> None:
    loops: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        loops.append(asyncio.get_running_loop())
        await send(START)
        await send(BODY)

    client = TestClient(app)
    client.get("/")
    client.get("/")
    assert loops[0] is not loops[1]
    assert all(loop.is_closed() for loop in loops)


@pytest.mark.parametrize("options", [None, {"debug": True}])
def test_the_threads_own_event_loop_is_left_alone(recorder: Any, options: Any) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        TestClient(recorder, backend_options=options).get("/")
        assert asyncio.get_event_loop() is loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
async def test_it_works_inside_a_running_event_loop(backend: Any) -> None:
    client = TestClient(echo, backend=backend)
    assert client.post("/", content=b"a").text == "a"
    with client:
        assert client.post("/", content=b"b").text == "b"


async def test_failures_inside_a_running_event_loop_are_raised(sending: Sending) -> None:
    with pytest.raises(ValueError, match="boom"):
        TestClient(sending(ValueError("boom"))).get("/")
    client = TestClient(echo, backend="curio")  # type: ignore[arg-type]
    with pytest.raises(LookupError):
        client.get("/")


def test_it_works_in_a_callback_of_a_running_loop() -> None:
    async def main() -> int:
        future: asyncio.Future[int] = asyncio.Future()

        def callback() -> None:
            future.set_result(TestClient(echo).get("/").status_code)

        asyncio.get_running_loop().call_soon(callback)
        return await future

    assert asyncio.run(main()) == 200


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_interrupted_request_is_cancelled(backend: Any) -> None:
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            try:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
                await anyio.sleep_forever()
            finally:
                ended.set()

    with TestClient(app, backend=backend) as client:
        with pytest.raises(KeyboardInterrupt):
            client.get("/")
        assert ended.wait(10)


def test_a_loop_that_breaks_down_fails_its_requests() -> None:
    requested = threading.Event()
    failures: list[BaseException] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await anyio.sleep_forever()

    async def break_down() -> None:
        assert requested.wait(10)
        raise SystemExit(3)

    def request(client: TestClient) -> None:
        requested.set()
        try:
            client.get("/")
        except BaseException as exc:
            failures.append(exc)

    client = TestClient(app).__enter__()
    assert client.portal
    client.portal.start_task_soon(break_down)
    thread = threading.Thread(target=request, args=(client,))
    thread.start()
    thread.join(10)
    assert len(failures) == 1
    with pytest.raises(SystemExit):
        client.__exit__()


def test_sniffio_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sniffio", raising=False)
    monkeypatch.setattr("anyio._core._eventloop.sniffio", None, raising=False)
    with TestClient(echo) as client:
        assert client.get("/").status_code == 200


def test_threads_may_share_a_client() -> None:
    answers: list[str] = []

    def use(client: TestClient, text: str) -> None:
        answers.append(client.post("/", content=text).text)

    with TestClient(echo) as client:
        threads = [threading.Thread(target=use, args=(client, f"{i}")) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert sorted(answers) == ["0", "1", "2", "3"]
