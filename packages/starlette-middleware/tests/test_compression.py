"""CompressionMiddleware: the coding that suits the client best."""

import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from starlette_http.response import PlainTextResponse
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_middleware.compression import CompressionMiddleware

LONG = "0123456789" * 100


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(LONG)(scope, receive, send)


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200})
    for chunk in (b"one ", b"", b"two "):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"three"})


async def fetch(app: ASGIApp, accept: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.get("/", headers={"accept-encoding": accept})


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip, br;q=0.9", "gzip"),
        ("*", "zstd"),
        ("*, zstd;q=0", "br"),
        ("identity", None),
        ("deflate", None),
        ("", None),
    ],
)
async def test_best_coding_is_used(accept: str, coding: str | None) -> None:
    response = await fetch(CompressionMiddleware(hello), accept)

    assert response.headers.get("content-encoding") == coding
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.text == LONG


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
async def test_streams(coding: str) -> None:
    response = await fetch(CompressionMiddleware(stream), coding)

    assert response.headers["content-encoding"] == coding
    assert response.text == "one two three"


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
async def test_large_bodies_in_threads(coding: str) -> None:
    app = CompressionMiddleware(hello, thread_minimum_size=1)

    assert (await fetch(app, coding)).text == LONG


async def test_first_of_the_encodings_wins_among_equals() -> None:
    app = CompressionMiddleware(hello, encodings=["gzip", "br"])

    assert (await fetch(app, "br, gzip, zstd")).headers["content-encoding"] == "gzip"


async def test_coding_that_is_not_offered_is_not_used() -> None:
    app = CompressionMiddleware(hello, encodings=["br"])

    assert "content-encoding" not in (await fetch(app, "gzip, zstd")).headers


async def test_level_is_used() -> None:
    slow = CompressionMiddleware(hello, levels={"gzip": 9})
    none = CompressionMiddleware(hello, levels={"gzip": 0})

    assert int((await fetch(slow, "gzip")).headers["content-length"]) < 100
    assert int((await fetch(none, "gzip")).headers["content-length"]) > 1000


async def test_short_and_excluded_responses_are_left_alone() -> None:
    short = CompressionMiddleware(hello, minimum_size=1001)
    excluded = CompressionMiddleware(hello, exclude_content_types=["text/*"])

    assert "vary" not in (await fetch(short, "br")).headers
    assert "vary" not in (await fetch(excluded, "br")).headers


async def test_two_around_each_other_compress_once() -> None:
    app = CompressionMiddleware(CompressionMiddleware(hello, encodings=["gzip"]))
    response = await fetch(app, "gzip, br")

    assert response.headers["content-encoding"] == "gzip"
    assert response.text == LONG


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encodings": ["deflate"]}, "Unknown content coding 'deflate'"),
        ({"levels": {"br": 12}}, "'br' has no level 12; use 0 to 11."),
        ({"levels": {"zstd": 22}}, "'zstd' has no level 22; use 1 to 19."),
        ({"encodings": ["gzip"], "levels": {"br": 1}}, "Level for 'br', which is not among"),
    ],
)
def test_mistakes_are_found_at_construction(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CompressionMiddleware(hello, **options)


def test_coding_without_its_library_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "brotli", None)

    with pytest.raises(ImportError, match=r"pip install 'starlette-middleware\[brotli\]'"):
        CompressionMiddleware(hello, encodings=["br"])


def test_by_default_only_what_is_installed_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "brotli", None)

    assert CompressionMiddleware(hello).encodings == ("zstd", "gzip")


@pytest.mark.parametrize("kind", ["websocket", "lifespan", "vendor"])
async def test_other_scopes_pass_untouched(channel: Any, kind: str) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope, receive, send = {"type": kind}, channel().receive, channel().send
    await CompressionMiddleware(app)(scope, receive, send)

    assert seen[0] is scope
    assert seen[1:] == [receive, send]


def test_over_a_real_server(serve: Callable[[ASGIApp], str]) -> None:
    url = serve(CompressionMiddleware(hello))

    for coding in ("zstd", "br", "gzip"):
        response = httpx.get(url, headers={"accept-encoding": coding})
        assert response.headers["content-encoding"] == coding
        assert response.text == LONG
