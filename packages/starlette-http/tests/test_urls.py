"""URLs that are text."""

import ast
import copy
import email.utils
import html
import json
import pickle
import xml.sax.saxutils
from typing import Any
from urllib.parse import unquote, unquote_plus

import pytest
from hypothesis import given, strategies as st

from starlette_http.urls import URL, Address, URLPath

FULL = "https://user:secret@Example.org:123/path/to?a=1&b=2#fragment"


def scope_with(**changes: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "scheme": "https",
        "server": ("example.org", 123),
        "path": "/path",
        "query_string": b"",
        "headers": [],
        **changes,
    }


def test_address_is_a_tuple_of_host_and_port() -> None:
    address = Address("127.0.0.1", 80)
    assert (address.host, address.port) == ("127.0.0.1", 80)
    assert address == ("127.0.0.1", 80)


# A str


def test_url_is_a_str() -> None:
    url = URL(FULL)
    assert isinstance(url, str)
    assert type(str(url)) is str
    assert f"{url}" == FULL
    assert "%s" % url == FULL  # noqa: UP031
    assert json.dumps(url) == f'"{FULL}"'
    assert "".join([url]) == FULL
    assert url.startswith("https://")
    assert len(url) == len(FULL)
    assert url._url == FULL


def test_empty_url_is_falsy() -> None:
    assert not URL()


def test_url_hashes_as_its_text() -> None:
    assert hash(URL(FULL)) == hash(FULL)
    assert {FULL: 1}[URL(FULL)] == 1


class Textual:
    def __str__(self) -> str:
        return FULL


@pytest.mark.parametrize("other", [FULL, URL(FULL), Textual()])
def test_url_equals_whatever_has_its_text(other: Any) -> None:
    url = URL(FULL)
    assert (url == other) is True
    assert (url != other) is False


@pytest.mark.parametrize("other", ["", "https://example.org", None, 1])
def test_url_differs_from_other_texts(other: Any) -> None:
    url = URL(FULL)
    assert (url == other) is False
    assert (url != other) is True


def test_library_functions_that_replace_text_accept_a_url() -> None:
    url = URL("/?a=%20<&>")
    assert html.escape(url) == "/?a=%20&lt;&amp;&gt;"
    assert unquote_plus(url) == "/?a= <&>"
    assert xml.sax.saxutils.escape(url) == "/?a=%20&lt;&amp;&gt;"
    assert email.utils.quote(url) == "/?a=%20<&>"


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda url: pickle.loads(pickle.dumps(url))]
)
def test_copies_keep_text_and_class(duplicate: Any) -> None:
    class Local(URL):
        pass

    Local.__qualname__ = "Local"
    globals()["Local"] = Local
    url = Local(FULL)
    assert url.path == "/path/to"
    assert type(duplicate(url)) is Local
    assert duplicate(url) == FULL


def test_subclass_may_call_the_constructor() -> None:
    class Local(URL):
        def __init__(self, url: str) -> None:
            super().__init__(url)
            self.extra = 1

    assert Local("/a").extra == 1
    assert type(Local("/a").replace(path="/b")) is Local


# Components


def test_components_of_a_full_url() -> None:
    url = URL(FULL)
    assert url.scheme == "https"
    assert url.netloc == "user:secret@Example.org:123"
    assert url.path == "/path/to"
    assert url.query == "a=1&b=2"
    assert url.fragment == "fragment"
    assert url.username == "user"
    assert url.password == "secret"
    assert url.hostname == "example.org"
    assert url.port == 123
    assert url.is_secure


def test_components_of_a_path() -> None:
    url = URL("/path")
    assert (url.scheme, url.netloc, url.query, url.fragment) == ("", "", "", "")
    assert (url.username, url.password, url.hostname, url.port) == (None, None, None, None)
    assert not url.is_secure


@pytest.mark.parametrize(
    ("scheme", "secure"), [("http", False), ("https", True), ("ws", False), ("wss", True)]
)
def test_is_secure_with_https_and_wss(scheme: str, secure: bool) -> None:
    assert URL(f"{scheme}://h").is_secure is secure


def test_components_are_parsed_once() -> None:
    url = URL(FULL)
    assert url.components is url.components


def test_bad_url_fails_when_it_is_taken_apart_only() -> None:
    with pytest.raises(ValueError, match="Invalid IPv6 URL"):
        URL("http://[::1").path  # noqa: B018
    with pytest.raises(ValueError, match="Port out of range 0-65535"):
        URL("http://h:99999").port  # noqa: B018


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@h/p", "URL('https://user:********@h/p')"),
        ("https://user:s@cret@h", "URL('https://user:********@h')"),
        ("redis://:secret@h", "URL('redis://:********@h')"),
        ("//user:secret@h", "URL('//user:********@h')"),
        ("https://user@h", "URL('https://user@h')"),
        ("https://user:@h", "URL('https://user:@h')"),
        ("https://h:80/a:b@c", "URL('https://h:80/a:b@c')"),
        ("https://u:p@h:bad", "URL('https://u:********@h:bad')"),
        ("https://u:p@[bad", "URL('https://u:********@[bad')"),
        ("/a?b=//c:d@e", "URL('/a?b=//c:d@e')"),
        ("", "URL('')"),
        ("http:/\t/u:pw@h/", "URL('http:/\\t/u:********@h/')"),
        (" ht\ntp:/\r\n/u\t:\tp\tw@h", "URL(' ht\\ntp:/\\r\\n/u\\t:********@h')"),
        ("http:/ /u:p@h", "URL('http:/ /u:p@h')"),
    ],
)
def test_repr_hides_the_password(url: str, shown: str) -> None:
    assert repr(URL(url)) == shown


def password_of(text: str) -> str | None:
    try:
        return URL(text).password
    except ValueError:
        return None


def text_shown(url: str) -> str:
    text: str = ast.literal_eval(repr(URL(url)).removeprefix("URL(").removesuffix(")"))
    return text


# What the standard library takes away in front of a URL, and what everywhere.
leading = st.text("\0\x0b\x0c\x1f \t\r\n", max_size=3)
ignored = st.text("\t\r\n", max_size=2)
userinfo = st.text("azq:@%\\ \0\x0b\x1f\x85\xa0\u2028\t\r\n")
anything = st.text("azq:/?#@ \0\t\r\n")


@given(
    st.builds(
        "{}{}/{}/{}@{}{}".format,
        leading,
        st.sampled_from(["", "http:", "ht\ntp:\t"]),
        ignored,
        userinfo,
        st.sampled_from(["", "h", "h:1"]),
        anything,
    )
)
def test_repr_shows_stars_wherever_there_is_a_password(text: str) -> None:
    if password_of(text):
        assert password_of(text_shown(text)) == "********"


@given(leading, st.lists(ignored, min_size=23, max_size=23))
def test_repr_hides_a_password_whatever_stray_characters_surround_it(
    lead: str, between: list[str]
) -> None:
    url = "https://user:zqj@h/path"
    text = lead + "".join(map("".join, zip(between, url, strict=True)))
    assert password_of(text) == "zqj"
    assert set("zqj").isdisjoint(text_shown(text))


@given(st.text())
def test_repr_shows_the_text_of_a_url_without_a_password(path: str) -> None:
    text = "https://user@h/" + path
    assert text_shown(text) == text


def test_made_of_components() -> None:
    url = URL(scheme="https", hostname="example.org", port=123, path="/p", query="a=1")
    assert url == "https://example.org:123/p?a=1"


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ({"url": "/", "scope": scope_with()}, 'Cannot set both "url" and "scope".'),
        ({"scope": scope_with(), "path": "/"}, 'Cannot set both "scope" and "**components".'),
        ({"url": "/", "path": "/"}, 'Cannot set both "url" and "**components".'),
    ],
)
def test_two_sources_are_an_assertion_error(sources: dict[str, Any], message: str) -> None:
    with pytest.raises(AssertionError) as caught:
        URL(**sources)
    assert str(caught.value) == message


# From a scope


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "https://example.org:123/path"),
        ({"server": ("example.org", 443)}, "https://example.org/path"),
        ({"server": ("example.org", 80)}, "https://example.org:80/path"),
        ({"scheme": "ws", "server": ("h", 80)}, "ws://h/path"),
        ({"scheme": "wss", "server": ("h", 443)}, "wss://h/path"),
        ({"scheme": "ftp", "server": ("h", 21)}, "ftp://h:21/path"),
        ({"server": ("::1", 8000)}, "https://[::1]:8000/path"),
        ({"server": None}, "/path"),
        ({"server": ("/run/app.sock", None)}, "/path"),
        ({"server": None, "path": "//evil.org/x"}, "/%2Fevil.org/x"),
        ({"path": "//x"}, "https://example.org:123//x"),
        ({"path": ""}, "https://example.org:123"),
        ({"path": "@evil.org"}, "https://example.org:123/@evil.org"),
        ({"path": "/a?b#c\\d e\u20ac"}, "https://example.org:123/a%3Fb%23c%5Cd e\u20ac"),
        ({"query_string": b"a=1&b=%20"}, "https://example.org:123/path?a=1&b=%20"),
        ({"query_string": "a=\u20ac".encode()}, "https://example.org:123/path?a=\u20ac"),
        ({"query_string": b"a=\xff"}, "https://example.org:123/path?a=%FF"),
    ],
)
def test_url_of_a_scope(changes: dict[str, Any], url: str) -> None:
    assert URL(scope=scope_with(**changes)) == url


def test_scope_needs_path_and_headers_only() -> None:
    assert URL(scope={"path": "/", "headers": []}) == "/"
    assert URL(scope={"path": "/", "headers": [(b"host", b"h")]}) == "http://h/"
    assert URL(scope={"type": "websocket", "path": "/", "headers": [(b"host", b"h")]}) == "ws://h/"
    for missing in ("path", "headers"):
        scope = scope_with()
        del scope[missing]
        with pytest.raises(KeyError, match=missing):
            URL(scope=scope)


@pytest.mark.parametrize("host", ["Example.COM", "h:80", "h:0080", "[::1]:1"])
def test_host_header_is_taken_as_it_was_sent(host: str) -> None:
    scope = scope_with(headers=[(b"accept", b"*/*"), (b"host", host.encode())])
    assert URL(scope=scope) == f"https://{host}/path"


@pytest.mark.parametrize("host", [b"", b"a/b", b"user@h", b"h:99999", b"h:", b"a b", b"\xff"])
def test_host_header_that_is_no_host_does_not_count(host: bytes) -> None:
    scope = scope_with(headers=[(b"host", host), (b"host", b"second")])
    assert URL(scope=scope) == "https://example.org:123/path"


@given(
    path=st.text(),
    query=st.binary(),
    host=st.none() | st.binary(),
    server=st.none() | st.tuples(st.ip_addresses().map(str), st.none() | st.integers(0, 65535)),
)
def test_what_a_client_sends_always_makes_a_url_that_can_be_taken_apart(
    path: str, query: bytes, host: bytes | None, server: Any
) -> None:
    headers = [] if host is None else [(b"host", host)]
    url = URL(scope=scope_with(path=path, query_string=query, headers=headers, server=server))
    assert url.port is None or url.port >= 0
    assert url.username is None
    assert url.fragment == "" or b"#" in query


# Replacing components


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, FULL),
        ({"scheme": "http"}, FULL.replace("https", "http")),
        ({"path": "/x"}, "https://user:secret@Example.org:123/x?a=1&b=2#fragment"),
        ({"path": "rel"}, "https://user:secret@Example.org:123/rel?a=1&b=2#fragment"),
        ({"query": "", "fragment": ""}, "https://user:secret@Example.org:123/path/to"),
        ({"netloc": "h"}, "https://h/path/to?a=1&b=2#fragment"),
        ({"hostname": "h"}, FULL.replace("Example.org", "h")),
        ({"hostname": None}, FULL),
        ({"port": 1}, FULL.replace("123", "1")),
        ({"port": None}, FULL.replace(":123", "")),
        ({"username": "u"}, FULL.replace("user", "u")),
        ({"username": None}, FULL.replace("user:secret@", "")),
        ({"password": "p"}, FULL.replace("secret", "p")),
        ({"password": None}, FULL.replace(":secret", "")),
        ({"username": None, "password": "p"}, FULL.replace("user:secret@", "")),
        ({"netloc": "ignored", "port": 1}, FULL.replace("123", "1")),
        ({"hostname": "::1", "port": None}, FULL.replace("Example.org:123", "[::1]")),
        ({"hostname": "fe80::1%eth0"}, FULL.replace("Example.org", "[fe80::1%eth0]")),
        ({"hostname": "[::1]"}, FULL.replace("Example.org", "[::1]")),
    ],
)
def test_replace(changes: dict[str, Any], url: str) -> None:
    replaced = URL(FULL).replace(**changes)
    assert type(replaced) is URL
    assert replaced == url


@pytest.mark.parametrize(
    ("url", "changes", "expected"),
    [
        ("http://[::1]:80/", {"port": 1}, "http://[::1]:1/"),
        ("http://[::1]:80/", {"port": None}, "http://[::1]/"),
        ("http://h/p?q#f", {"scheme": None, "query": None, "fragment": None}, "//h/p"),
        ("http://h", {"path": "p", "query": "q"}, "http://h/p?q"),
        ("http://[::1]/", {"username": "u"}, "http://u@[::1]/"),
        ("http://h", {"password": "p"}, "http://h"),
        ("http://h", {"username": ""}, "http://h"),
        ("redis://:p@h", {"port": 1}, "redis://:p@h:1"),
        ("http://h:bad/", {"port": 1}, "http://h:1/"),
        ("/a", {"hostname": "h"}, "//h/a"),
        ("http://h//evil.org/", {"scheme": "", "netloc": ""}, "/%2Fevil.org/"),
        ("mailto:a@h", {"path": "b@h"}, "mailto:b@h"),
    ],
)
def test_replace_in_other_urls(url: str, changes: dict[str, Any], expected: str) -> None:
    assert URL(url).replace(**changes) == expected


@pytest.mark.parametrize("changes", [{"port": 9}, {"port": None}, {"username": "u"}])
def test_without_a_host_there_is_no_authority_to_change(changes: dict[str, Any]) -> None:
    assert URL("/a").replace(**changes) == "/a"


def test_user_and_password_are_escaped_where_they_would_break_the_url() -> None:
    url = URL("http://h/").replace(username="a@b:c/d", password="e:f@g%20\u20ac")
    assert url == "http://a%40b%3Ac%2Fd:e:f%40g%20%E2%82%AC@h/"


@pytest.mark.parametrize("name", ["scheme", "netloc", "path", "query", "fragment"])
@pytest.mark.parametrize("value", [b"a", 1])
def test_a_component_that_is_no_text_is_a_type_error(name: str, value: Any) -> None:
    with pytest.raises(TypeError):
        URL("http://example.org/").replace(**{name: value})


def test_unknown_component_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="^URL has no component 'host'; it has fragment, hostn"):
        URL(FULL).replace(host="h")


@given(
    username=st.text(st.characters(codec="utf-8", exclude_characters="%"), min_size=1),
    password=st.text(st.characters(codec="utf-8", exclude_characters="%")),
    port=st.integers(0, 65535),
)
def test_authority_put_into_a_url_is_found_in_it(username: str, password: str, port: int) -> None:
    url = URL("http://h/p").replace(username=username, password=password, port=port)
    assert unquote(url.username or "") == username
    assert unquote(url.password or "") == password
    assert (url.hostname, url.port, url.path) == ("h", port, "/p")


parts = st.fixed_dictionaries(
    {
        "scheme": st.sampled_from(["http", "wss", ""]),
        "netloc": st.sampled_from(["h", "h:1", "u:p@[::1]:2", "u@h"]),
        "path": st.sampled_from(["", "/", "/a//b", "/\u20ac %20"]),
        "query": st.sampled_from(["", "a=1", "a=b?c=/"]),
        "fragment": st.sampled_from(["", "f", "f?/"]),
    }
)


@given(parts)
def test_components_put_together_are_the_ones_taken_apart(components: dict[str, Any]) -> None:
    assert URL(**components).components._asdict() == components


@given(parts, st.sampled_from(["scheme", "netloc", "path", "query", "fragment"]))
def test_replacing_a_component_by_itself_changes_nothing(
    components: dict[str, Any], name: str
) -> None:
    url = URL(**components)
    assert url.replace(**{name: getattr(url, name)}) == url


# Replacing text


def test_two_texts_replace_text() -> None:
    url = URL("/a/a/a")
    for replaced in (
        url.replace("a", "b"),
        url.replace("a", "b", -1),
        url.replace("a", "b", count=3),
    ):
        assert type(replaced) is str
        assert replaced == "/b/b/b"
    assert url.replace("a", "b", 1) == url.replace("a", "b", count=1) == "/b/a/a"


def test_texts_and_components_together_are_a_type_error() -> None:
    replace: Any = URL("/a").replace
    with pytest.raises(TypeError, match="two texts or components by keyword, not both"):
        replace("a", "b", path="/c")
    with pytest.raises(TypeError):
        replace("a")
    with pytest.raises(TypeError, match="no component 'count'"):
        replace(count=1)


# Query parameters


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/p", "/p?a=2"),
        ("/p?a=1", "/p?a=2"),
        ("/p?a=1&b=3&a=4#f", "/p?b=3&a=2#f"),
        ("/p?b=", "/p?b=&a=2"),
        ("/p?%41=%20", "/p?A=+&a=2"),
    ],
)
def test_include_query_params(url: str, expected: str) -> None:
    assert URL(url).include_query_params(a=2) == expected


def test_lists_are_included_as_their_text() -> None:
    assert URL("/p").include_query_params(a=[1, 2]) == "/p?a=%5B1%2C+2%5D"


def test_replace_query_params() -> None:
    assert URL("/p?a=1#f").replace_query_params(b=2, c="3 4") == "/p?b=2&c=3+4#f"
    assert URL("/p?a=1#f").replace_query_params() == "/p#f"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("a", "/p?b=3#f"),
        (["a", "b"], "/p#f"),
        (["c"], "/p?a=1&b=3&a=4#f"),
        ([], "/p?a=1&b=3&a=4#f"),
    ],
)
def test_remove_query_params(keys: Any, expected: str) -> None:
    assert URL("/p?a=1&b=3&a=4#f").remove_query_params(keys) == expected


# URLPath


def test_url_path_is_a_str_with_protocol_and_host() -> None:
    path = URLPath("/p", protocol="http", host="h")
    assert path == "/p"
    assert (path.protocol, path.host) == ("http", "h")
    assert (URLPath("/p").protocol, URLPath("/p").host) == ("", "")


def test_unknown_protocol_is_an_assertion_error() -> None:
    protocol: Any = "ftp"
    with pytest.raises(AssertionError):
        URLPath("/p", protocol=protocol)


@pytest.mark.parametrize(
    ("path", "escaped"),
    [("//evil.org", "/%2Fevil.org"), ("\\\\evil.org", "%5C%5Cevil.org"), ("/a//b", "/a//b")],
)
def test_url_path_cannot_name_a_host(path: str, escaped: str) -> None:
    assert URLPath(path) == escaped


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda path: pickle.loads(pickle.dumps(path))]
)
def test_copies_of_a_url_path_keep_protocol_and_host(duplicate: Any) -> None:
    path = duplicate(URLPath("/p", protocol="websocket", host="h"))
    assert type(path) is URLPath
    assert (path, path.protocol, path.host) == ("/p", "websocket", "h")


def test_subclass_of_url_path_may_call_the_constructor() -> None:
    class Local(URLPath):
        def __init__(self, path: str) -> None:
            super().__init__(path)
            self.extra = 1

    assert Local("/a").extra == 1


@pytest.mark.parametrize(
    ("path", "base", "url"),
    [
        (URLPath("/p"), "https://h/", "https://h/p"),
        (URLPath("/p"), "https://h/base/?a=1#f", "https://h/base/p"),
        (URLPath("/p"), "https://h/base//", "https://h/base/p"),
        (URLPath("/p"), "ftp://u:p@h:1", "ftp://u:p@h:1/p"),
        (URLPath("/p", protocol="http"), "http://h/", "http://h/p"),
        (URLPath("/p", protocol="http"), "wss://h/", "https://h/p"),
        (URLPath("/p", protocol="websocket"), "http://h/", "ws://h/p"),
        (URLPath("/p", protocol="websocket"), "https://h/", "wss://h/p"),
        (URLPath("/p", host="other:1"), "https://h/b/", "https://other:1/b/p"),
        (URLPath("p"), "https://h", "https://h/p"),
        (URLPath("/p"), "/base/", "/base/p"),
        (URLPath("/p", protocol="http"), "/", "/p"),
        (URLPath("/p"), "//h/", "//h/p"),
    ],
)
def test_make_absolute_url(path: URLPath, base: str, url: str) -> None:
    for given_base in (base, URL(base)):
        absolute = path.make_absolute_url(given_base)
        assert type(absolute) is URL
        assert absolute == url
