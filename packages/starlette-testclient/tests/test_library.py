"""The HTTP library underneath: which one it is, and objects of the other one."""

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import starlette_testclient
from starlette_testclient import AsyncTestClient, TestClient, httpx


def test_the_library_in_use_is_exported() -> None:
    assert issubclass(TestClient, httpx.Client)
    assert issubclass(AsyncTestClient, httpx.AsyncClient)
    assert starlette_testclient.httpx is httpx


def imported_without(monkeypatch: pytest.MonkeyPatch, *missing: str) -> Any:
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(starlette_testclient, "library", None)  # put back at the end
    monkeypatch.delitem(sys.modules, "starlette_testclient.library")
    return importlib.import_module("starlette_testclient.library")


def test_httpx2_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = ModuleType("httpx2")
    monkeypatch.setitem(sys.modules, "httpx2", fake)
    assert imported_without(monkeypatch).httpx is fake


def test_httpx_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = ModuleType("httpx")
    monkeypatch.setitem(sys.modules, "httpx", fake)
    assert imported_without(monkeypatch, "httpx2").httpx is fake


def test_without_either_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError) as caught:
        imported_without(monkeypatch, "httpx", "httpx2")
    assert str(caught.value) == (
        "The starlette.testclient module requires the httpx package to be installed."
        " Install it with: pip install 'starlette-testclient[httpx]'"
    )


@pytest.fixture
def foreign() -> Iterator[Any]:
    """The same library imported once more: classes of the same names, but unrelated ones."""
    name = httpx.__name__
    ours = {key: sys.modules.pop(key) for key in list(sys.modules) if key.startswith(name)}
    try:
        yield importlib.import_module(name)
    finally:
        sys.modules.update(ours)


def test_a_url_of_the_other_library_is_taken(foreign: Any, recorder: Any) -> None:
    TestClient(recorder).get(foreign.URL("http://testserver/a"))
    assert recorder.scope["path"] == "/a"


def test_cookies_of_the_other_library_are_taken(foreign: Any, recorder: Any) -> None:
    client = TestClient(recorder, cookies=foreign.Cookies({"a": "1"}))
    client.send(client.build_request("GET", "/", cookies=foreign.Cookies({"b": "2"})))
    assert dict(recorder.scope["headers"])[b"cookie"] == b"a=1; b=2"


def test_an_auth_of_the_other_library_is_taken(foreign: Any, recorder: Any) -> None:
    TestClient(recorder).get("/", auth=foreign.BasicAuth("user", "secret"))
    assert dict(recorder.scope["headers"])[b"authorization"] == b"Basic dXNlcjpzZWNyZXQ="


def test_a_request_of_the_other_library_is_taken(foreign: Any, recorder: Any) -> None:
    request = foreign.Request("POST", "http://testserver/a", headers={"x-a": "1"}, content=b"b")
    TestClient(recorder).send(request)
    assert (recorder.scope["method"], recorder.scope["path"]) == ("POST", "/a")
    assert (b"x-a", b"1") in recorder.scope["headers"]
    assert recorder.received == [{"type": "http.request", "body": b"b"}]


async def test_the_asynchronous_client_takes_them_too(foreign: Any, recorder: Any) -> None:
    client = AsyncTestClient(recorder, cookies=foreign.Cookies({"a": "1"}))
    await client.get(foreign.URL("http://testserver/a"), auth=foreign.BasicAuth("u", "p"))
    headers = dict(recorder.scope["headers"])
    assert headers[b"cookie"] == b"a=1"
    assert headers[b"authorization"].startswith(b"Basic ")


def test_an_auth_flow_of_the_other_library_sees_responses(foreign: Any) -> None:
    answers = []

    class Auth(foreign.Auth):  # type: ignore[misc]
        def auth_flow(self, request: Any) -> Iterator[Any]:
            response: Any = yield request
            answers.append(response.status_code)
            request.headers["x-again"] = "1"
            yield request

    async def app(scope: Any, receive: Any, send: Any) -> None:
        again = (b"x-again", b"1") in scope["headers"]
        await send({"type": "http.response.start", "status": 200 if again else 401})
        await send({"type": "http.response.body"})

    assert TestClient(app).get("/", auth=Auth()).status_code == 200
    assert answers == [401]
