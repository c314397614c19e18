"""What the application finds in the scope of a request."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from starlette_testclient import TestClient, httpx


def test_the_scope_of_a_request(recorder: Any) -> None:
    TestClient(recorder, root_path="/root").get("http://example.org:8000/a%20b?c=d%20e")
    headers = recorder.scope.pop("headers")
    assert recorder.scope == {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "root_path": "/root",
        "scheme": "http",
        "query_string": b"c=d%20e",
        "client": ("testclient", 50000),
        "server": ["example.org", 8000],
        "state": {},
        "starlette.raise_disconnects": True,
        "extensions": {"http.response.debug": {}, "http.response.trailers": {}},
    }
    assert [name for name, _ in headers] == [
        b"host",
        b"accept",
        b"accept-encoding",
        b"connection",
        b"user-agent",
    ]
    assert dict(headers)[b"host"] == b"example.org:8000"
    assert dict(headers)[b"accept"] == b"*/*"
    assert dict(headers)[b"connection"] == b"keep-alive"
    assert dict(headers)[b"user-agent"] == b"testclient"


def test_the_scope_of_a_websocket(recorder: Any) -> None:
    with TestClient(recorder).websocket_connect("/ws?a=1", ["one", "two"]):
        pass
    headers = dict(recorder.scope.pop("headers"))
    assert recorder.scope == {
        "type": "websocket",
        "path": "/ws",
        "raw_path": b"/ws",
        "root_path": "",
        "scheme": "ws",
        "query_string": b"a=1",
        "client": ("testclient", 50000),
        "server": ["testserver", 80],
        "subprotocols": ["one", "two"],
        "state": {},
        "starlette.raise_disconnects": True,
        "extensions": {"websocket.http.response": {}},
    }
    assert headers[b"connection"] == b"upgrade"
    assert headers[b"sec-websocket-key"] == b"testserver=="
    assert headers[b"sec-websocket-version"] == b"13"
    assert headers[b"sec-websocket-protocol"] == b"one, two"


@pytest.mark.parametrize(
    ("url", "scheme", "server", "host"),
    [
        ("/", "http", ["testserver", 80], b"testserver"),
        ("https://example.org/", "https", ["example.org", 443], b"example.org"),
        ("http://[::1]:8000/", "http", ["::1", 8000], b"[::1]:8000"),
    ],
)
def test_scheme_server_and_host_come_from_the_url(
    recorder: Any, url: str, scheme: str, server: list[Any], host: bytes
) -> None:
    TestClient(recorder).get(url)
    assert recorder.scope["scheme"] == scheme
    assert recorder.scope["server"] == server
    assert recorder.scope["headers"][0] == (b"host", host)


def test_a_secure_websocket_is_wss_on_443(recorder: Any) -> None:
    with TestClient(recorder).websocket_connect("wss://example.org/"):
        pass
    assert recorder.scope["scheme"] == "wss"
    assert recorder.scope["server"] == ["example.org", 443]


@pytest.mark.parametrize("base_url", ["http://testserver/api", "http://testserver/api/"])
def test_the_path_of_the_base_url_goes_before_relative_urls(recorder: Any, base_url: str) -> None:
    TestClient(recorder, base_url).get("/users")
    assert recorder.scope["path"] == "/api/users"


BASES = ["http://testserver", "http://u:p@h:81/api", "https://h/api/?a=1", "http://[::1]/%20/", ""]
URLS = st.one_of(
    st.text("/a.%20?#&=:@é[] ", max_size=12),
    st.text(max_size=6),
    st.sampled_from(["http://other/a", "//other/a", "/a/../b", "?a", "/%zz", "/a?b#c", "/a#c"]),
)


def outcome(client: Any, url: str) -> Any:
    try:
        return client.build_request("GET", url).url
    except httpx.InvalidURL:
        return "invalid"


@given(base=st.sampled_from(BASES), url=URLS | URLS.map("/{}".format))
def test_urls_are_merged_as_the_library_does(base: str, url: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    library = httpx.Client(base_url=base, transport=httpx.BaseTransport())
    assert outcome(TestClient(app, base), url) == outcome(library, url)


def test_the_path_is_decoded_once(recorder: Any) -> None:
    TestClient(recorder).get("/a%252Fb%2Fc")
    assert recorder.scope["path"] == "/a%2Fb/c"
    assert recorder.scope["raw_path"] == b"/a%252Fb%2Fc"


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
def test_a_quoted_path_arrives_as_it_was(text: str) -> None:
    from urllib.parse import quote

    paths = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        paths.append(scope["path"])
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    TestClient(app).get("/x" + quote(text, safe=""))
    assert paths == ["/x" + text]


def test_repeated_headers_are_kept(recorder: Any) -> None:
    TestClient(recorder).get("/", headers=[("X-A", "1"), ("x-a", "2")])
    pairs = [pair for pair in recorder.scope["headers"] if pair[0] == b"x-a"]
    assert pairs == [(b"x-a", b"1"), (b"x-a", b"2")]


def test_a_given_host_takes_the_place_of_the_urls(recorder: Any) -> None:
    TestClient(recorder).get("/", headers={"Host": "other"})
    hosts = [value for name, value in recorder.scope["headers"] if name == b"host"]
    assert hosts == [b"other"]


def test_the_callers_headers_are_left_alone(recorder: Any) -> None:
    headers = {"x-a": "1"}
    client = TestClient(recorder, headers=headers)
    with client.websocket_connect("/", ["p"], headers=headers):
        pass
    assert headers == {"x-a": "1"}
    assert (b"x-a", b"1") in recorder.scope["headers"]


def test_a_user_agent_of_ones_own_is_kept(recorder: Any) -> None:
    TestClient(recorder, headers={"User-Agent": "me"}).get("/")
    assert (b"user-agent", b"me") in recorder.scope["headers"]


def test_the_clients_address_is_as_given(recorder: Any) -> None:
    TestClient(recorder, client=("10.0.0.1", 1)).get("/")
    assert recorder.scope["client"] == ("10.0.0.1", 1)


def test_the_state_is_a_copy_for_each_request(recorder: Any) -> None:
    client = TestClient(recorder)
    client.app_state["items"] = items = [1]
    client.get("/")
    assert recorder.scope["state"] == {"items": [1]}
    assert recorder.scope["state"]["items"] is items
    assert recorder.scope["state"] is not client.app_state


def test_other_extensions_can_be_announced(recorder: Any) -> None:
    TestClient(recorder, asgi_extensions={"http.response.early_hint": {}}).get("/")
    assert recorder.scope["extensions"]["http.response.early_hint"] == {}
    assert recorder.scope["extensions"]["http.response.debug"] == {}
