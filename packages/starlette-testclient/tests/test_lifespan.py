"""The lifespan around `with TestClient(app)`, and the thread that it keeps."""

import threading
from typing import Any

import anyio
import anyio.from_thread
import pytest

from starlette_testclient import TestClient


class App:
    """Answers lifespan messages by the `answers` of their type; an exception is raised.

    A string is sent as the type of a message, and ends the application if it is not "...complete".
    """

    def __init__(self, **answers: Any) -> None:
        self.events: list[str] = []
        self.answers = {"startup": "complete", "shutdown": "complete"} | answers

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            self.events.append("request")
            await send({"type": "http.response.start", "status": 204})
            await send({"type": "http.response.body"})
            return
        scope["state"]["ready"] = True
        for phase in ("startup", "shutdown"):
            message = await receive()
            self.events.append(message["type"])
            answer = self.answers[phase]
            if isinstance(answer, Exception):
                raise answer
            if answer is None:
                return
            await send({"type": f"lifespan.{phase}.{answer}", "message": f"{phase} went wrong"})
            if answer == "failed":
                return


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_the_application_starts_up_and_shuts_down_around_the_block(backend: Any) -> None:
    app = App()
    with TestClient(app, backend=backend) as client:
        client.get("/")
    assert app.events == ["lifespan.startup", "request", "lifespan.shutdown"]


def test_without_with_there_is_no_lifespan() -> None:
    app = App()
    TestClient(app).get("/")
    assert app.events == ["request"]


def test_the_state_of_the_lifespan_reaches_requests(recorder: Any) -> None:
    lifespan = App()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (lifespan if scope["type"] == "lifespan" else recorder)(scope, receive, send)

    with TestClient(app) as client:
        client.get("/")
    assert recorder.scope["state"] == {"ready": True}
    assert client.app_state == {"ready": True}


def test_a_client_can_be_entered_again(backend: Any) -> None:
    app = App()
    client = TestClient(app, backend=backend)
    for _ in range(2):
        with client:
            pass
    client.get("/")
    assert app.events == ["lifespan.startup", "lifespan.shutdown"] * 2 + ["request"]


def test_a_client_can_be_entered_inside_itself(backend: Any) -> None:
    app = App()
    with TestClient(app, backend=backend) as client:
        with client:
            client.get("/")
        assert client.portal is not None
        client.get("/")
    assert app.events.count("lifespan.shutdown") == 2
    assert client.portal is None


@pytest.mark.parametrize("startup", [None, "complete"])
def test_an_application_may_end_without_a_word(backend: Any, startup: str | None) -> None:
    app = App(startup=startup, shutdown=None)
    with TestClient(app, backend=backend) as client:
        assert client.get("/").status_code == 204


def test_an_application_may_end_right_after_its_startup(backend: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "lifespan.startup.complete"})

    with TestClient(app, backend=backend):
        pass


def test_an_exception_at_startup_is_raised(backend: Any) -> None:
    with pytest.raises(ValueError, match="boom"):
        with TestClient(App(startup=ValueError("boom")), backend=backend):
            raise NotImplementedError


def test_an_exception_at_shutdown_is_raised(backend: Any) -> None:
    with pytest.raises(ValueError, match="boom"):
        with TestClient(App(shutdown=ValueError("boom")), backend=backend):
            pass


def test_an_exception_in_between_is_raised_at_the_end(backend: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "lifespan.startup.complete"})
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        with TestClient(app, backend=backend):
            pass


def test_a_failed_startup_is_a_runtime_error(backend: Any) -> None:
    with pytest.raises(RuntimeError, match=r"^startup went wrong$"):
        with TestClient(App(startup="failed"), backend=backend):
            raise NotImplementedError


def test_a_failed_shutdown_is_a_runtime_error(backend: Any) -> None:
    with pytest.raises(RuntimeError, match=r"^shutdown went wrong$"):
        with TestClient(App(shutdown="failed"), backend=backend):
            pass


def test_an_exception_after_a_failed_startup_is_raised_itself(backend: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "lifespan.startup.failed", "message": "Traceback ..."})
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        with TestClient(app, backend=backend):
            raise NotImplementedError


@pytest.mark.parametrize("turns", [0, 5])
def test_a_failed_application_that_waits_for_more_is_ended(backend: Any, turns: int) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})
        for _ in range(turns):
            await anyio.lowlevel.checkpoint()
        await receive()

    with pytest.raises(RuntimeError, match=r"^no$"):
        with TestClient(app, backend=backend):
            raise NotImplementedError


def test_an_application_that_waits_for_more_after_its_shutdown_is_ended(backend: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})

    with TestClient(app, backend=backend):
        pass


def test_http_in_answer_to_a_lifespan_is_named(backend: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    with pytest.raises(AssertionError) as caught:
        with TestClient(app, backend=backend):
            raise NotImplementedError
    assert str(caught.value) == (
        'Expected "lifespan.startup.complete" or "lifespan.startup.failed" from the application,'
        " but it sent {'type': 'http.response.start', 'status': 200}."
    )


@pytest.mark.parametrize("act", ["answers", "raises"])
def test_an_asgi2_application_need_not_know_lifespans(backend: Any, act: str) -> None:
    class App:
        def __init__(self, scope: Any) -> None:
            if act == "raises":
                assert scope["type"] == "http"

        async def __call__(self, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"Hello"})

    with TestClient(App, backend=backend) as client:
        if act == "answers":
            assert client.get("/").text == "Hello"


def test_an_asgi2_application_whose_startup_fails_fails_the_test(backend: Any) -> None:
    def app(scope: Any) -> Any:
        async def instance(receive: Any, send: Any) -> None:
            await send({"type": "lifespan.startup.failed", "message": "no"})

        return instance

    with pytest.raises(RuntimeError, match=r"^no$"):
        with TestClient(app, backend=backend):
            raise NotImplementedError


def test_no_thread_is_left(backend: Any) -> None:
    before = threading.active_count()
    with TestClient(App(), backend=backend) as client:
        client.get("/")
        assert threading.active_count() <= before + 1
    assert threading.active_count() <= before


def test_no_thread_is_left_when_the_startup_fails(backend: Any) -> None:
    before = threading.active_count()
    with pytest.raises(RuntimeError):
        TestClient(App(startup="failed"), backend=backend).__enter__()
    assert threading.active_count() <= before


def test_inside_all_requests_run_in_one_loop() -> None:
    tokens = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        tokens.append(anyio.lowlevel.current_token())
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 204})
            await send({"type": "http.response.body"})

    with TestClient(app) as client:
        client.get("/")
        client.get("/")
    assert tokens[0] == tokens[1] == tokens[2]


def test_clients_can_share_a_loop() -> None:
    tokens = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            tokens.append(anyio.lowlevel.current_token())
            await send({"type": "http.response.start", "status": 204})
            await send({"type": "http.response.body"})

    first = TestClient(app)
    second = TestClient(app, loop_of=first)
    with first:
        first.get("/")
        second.get("/")
        with second:
            second.get("/")
        first.get("/")
    assert len(set(map(id, tokens))) == 1 or len(set(tokens)) == 1


def test_the_portal_calls_into_the_loop(backend: Any) -> None:
    async def where() -> str:
        return anyio.get_cancelled_exc_class().__module__.partition(".")[0]

    with TestClient(App(), backend=backend) as client:
        portal = client.portal
        assert isinstance(portal, anyio.from_thread.BlockingPortal)
        assert portal.call(where) == {"asyncio": "asyncio", "trio": "trio"}[backend]
        assert not client.task.done()
        assert client.exit_stack
        assert client.stream_send
        assert client.stream_receive


def test_an_interrupted_portal_fails_the_exit() -> None:
    async def fail() -> None:
        raise SystemExit(3)

    client = TestClient(App(startup=None)).__enter__()
    assert client.portal
    with pytest.raises(SystemExit):
        client.portal.call(fail)
    with pytest.raises(BaseException, match="3"):
        client.__exit__()


def test_subclasses_may_override_the_coroutines(backend: Any) -> None:
    events: list[str] = []

    class Client(TestClient):
        async def lifespan(self) -> None:
            events.append("lifespan")
            await super().lifespan()

        async def wait_startup(self) -> None:
            await super().wait_startup()
            events.append("started")

        async def wait_shutdown(self) -> None:
            events.append("stopping")
            await super().wait_shutdown()

    with Client(App(), backend=backend):
        events.append("block")
    assert events == ["lifespan", "started", "block", "stopping"]


def test_a_startup_of_ones_own_may_use_the_streams(backend: Any) -> None:
    class Client(TestClient):
        async def wait_startup(self) -> None:
            await self.stream_receive.send({"type": "lifespan.startup"})
            self.answer = await self.stream_send.receive()

    app = App()
    with Client(app, backend=backend) as client:
        assert client.answer["type"] == "lifespan.startup.complete"
    assert app.events == ["lifespan.startup", "lifespan.shutdown"]


def test_overridden_coroutines_may_leave_everything_out(backend: Any) -> None:
    class Client(TestClient):
        async def wait_startup(self) -> None: ...

        async def wait_shutdown(self) -> None: ...

    app = App()
    with Client(app, backend=backend):
        pass
    assert app.events == []
