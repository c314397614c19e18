"""The data of a request: headers, query parameters, cookies, URLs, state.

A lookup alone is measured on objects made before; "a request's" means that `Request` is made anew
each time, so that what is parsed lazily is parsed within the measured region. "raw" is the least
that a hand-written application does with the scope: what is above it is the price of an object.
"""

from urllib.parse import parse_qs, parse_qsl

from starlette.datastructures import URL, Headers, MutableHeaders, QueryParams, State, URLPath
from starlette.requests import Request

from cases import Once, case, http_scope

COOKIES = (b"cookie", b"session=abcdef0123456789; theme=dark; csrftoken=Zm9vYmFy; _ga=GA1.2.3.4")
SCOPE = http_scope(
    path="/users/42/orders",
    query=b"page=2&size=50&sort=name&q=caf%C3%A9+au+lait&tag=a&tag=b",
    headers=[(b"content-type", b"application/json"), (b"content-length", b"42"), COOKIES],
)


def value_of(name: bytes) -> str | None:
    for known, value in SCOPE["headers"]:
        if known == name:
            return value.decode("latin-1")
    return None


@case("headers: 3 of a request's, 1 of them absent", ("example.org", "42", None), "raw")
def raw_request_headers() -> Once:
    return lambda: (value_of(b"host"), value_of(b"content-length"), value_of(b"authorization"))


@case("headers: first of 9", "example.org", "raw")
def raw_first_header() -> Once:
    return lambda: value_of(b"host")


@case("headers: last of 9", COOKIES[1].decode(), "raw")
def raw_last_header() -> Once:
    return lambda: value_of(b"cookie")


@case("headers: absent from 9", None, "raw")
def raw_absent_header() -> Once:
    return lambda: value_of(b"authorization")


@case("headers: membership, absent from 9", False, "raw")
def raw_header_membership() -> Once:
    return lambda: value_of(b"authorization") is not None


@case("headers: 3 of a request's, 1 of them absent", answer=("example.org", "42", None))
def request_headers() -> Once:
    def once():
        headers = Request(SCOPE).headers
        return headers["host"], headers.get("content-length"), headers.get("authorization")

    return once


@case("headers: first of 9", answer="example.org")
def first_header() -> Once:
    headers = Headers(raw=SCOPE["headers"])
    return lambda: headers["Host"]


@case("headers: last of 9", answer=COOKIES[1].decode())
def last_header() -> Once:
    headers = Headers(raw=SCOPE["headers"])
    return lambda: headers.get("cookie")


@case("headers: absent from 9", answer=None)
def absent_header() -> Once:
    headers = Headers(raw=SCOPE["headers"])
    return lambda: headers.get("authorization")


@case("headers: membership, absent from 9", answer=False)
def header_membership() -> Once:
    headers = Headers(raw=SCOPE["headers"])
    return lambda: "authorization" in headers


@case("headers: made of a dict of 4", answer=4)
def headers_of_a_dict() -> Once:
    values = {"Cache-Control": "no-store", "X-Request-ID": "1234", "Vary": "Accept", "ETag": '"a"'}
    return lambda: len(Headers(values))


@case("headers: made of a dict of 4", 4, "raw")
def raw_headers_of_a_dict() -> Once:
    values = {"Cache-Control": "no-store", "X-Request-ID": "1234", "Vary": "Accept", "ETag": '"a"'}
    return lambda: len([(name.lower().encode(), text.encode()) for name, text in values.items()])


@case("headers: middleware edits a message", answer=5)
def edit_headers() -> Once:
    raw = [(b"content-length", b"13"), (b"content-type", b"text/plain"), (b"vary", b"Accept")]

    def once():
        headers = MutableHeaders(scope={"headers": raw})
        headers["X-Request-ID"] = "1234"
        headers.setdefault("cache-control", "no-store")
        headers.add_vary_header("Origin")
        return len(headers)

    return once


@case("query: a request's, 6 parameters", answer=("2", ["a", "b"], "caf\xe9 au lait"))
def request_query() -> Once:
    def once():
        query = Request(SCOPE).query_params
        return query["page"], query.getlist("tag"), query["q"]

    return once


@case("query: 2 plain parameters", answer="2")
def short_query() -> Once:
    return lambda: QueryParams("page=2&size=50")["page"]


@case("query: lookup", answer="2")
def query_lookup() -> Once:
    query = QueryParams(SCOPE["query_string"])
    return lambda: query.get("page")


@case("query: written", answer="page=2&size=50&q=caf%C3%A9+au+lait")
def write_query() -> Once:
    query = QueryParams("page=2&size=50&q=caf%C3%A9+au+lait")
    return lambda: str(query)


@case("cookies: a request's, 4", answer=("abcdef0123456789", 4))
def request_cookies() -> Once:
    def once():
        cookies = Request(SCOPE).cookies
        return cookies["session"], len(cookies)

    return once


@case("query: lookup", "2", "raw")
def raw_query_lookup() -> Once:
    query = dict(parse_qsl(SCOPE["query_string"].decode()))
    return lambda: query.get("page")


@case("query: a request's, 6 parameters", ("2", ["a", "b"], "caf\xe9 au lait"), "raw")
def raw_request_query() -> Once:
    def once():
        query = parse_qs(SCOPE["query_string"].decode())
        return query["page"][-1], query["tag"], query["q"][-1]

    return once


@case("cookies: a request's, 4", ("abcdef0123456789", 4), "raw")
def raw_request_cookies() -> Once:
    def once():
        pieces = value_of(b"cookie").split("; ")
        cookies = dict([piece.split("=", 1) for piece in pieces])
        return cookies["session"], len(cookies)

    return once


@case("url: a request's path", answer="/users/42/orders")
def request_url() -> Once:
    return lambda: Request(SCOPE).url.path


@case("url: a request's text", answer=71)
def request_url_text() -> Once:
    scope = http_scope(path="/users/42/orders", query=b"page=2&size=50&sort=name&q=caf%C3%A9")
    return lambda: len(str(Request(scope).url))


@case("url: scheme replaced", answer="https://example.org/users?page=2")
def replace_scheme() -> Once:
    url = URL("http://example.org/users?page=2")
    return lambda: str(url.replace(scheme="https"))


@case("url: port replaced", answer="http://example.org:8000/users")
def replace_port() -> Once:
    url = URL("http://example.org/users")
    return lambda: str(url.replace(port=8000))


@case("url: query parameter included", answer="http://example.org/users?size=50&page=3")
def include_param() -> Once:
    url = URL("http://example.org/users?page=2&size=50")
    return lambda: str(url.include_query_params(page=3))


@case("url: absolute of a route's path", answer="http://example.org/users/42")
def absolute_url() -> Once:
    base = URL("http://example.org/")
    return lambda: str(URLPath("/users/42", protocol="http").make_absolute_url(base))


@case("state: a request's, set and read", answer=1)
def request_state() -> Once:
    scope = http_scope()

    def once():
        state = Request(scope).state
        state.user = 1
        return state.user

    return once


@case("state: a request's, set and read", 1, "raw")
def raw_request_state() -> Once:
    scope = http_scope()

    def once():
        state = scope.setdefault("state", {})
        state["user"] = 1
        return state["user"]

    return once


@case("state: read", answer=1)
def read_state() -> Once:
    state = State({"user": 1})
    return lambda: state.user
