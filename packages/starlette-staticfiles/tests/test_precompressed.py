"""Compressed siblings: who gets one, and with which headers."""

import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from starlette_staticfiles.staticfiles import StaticFiles

pytestmark = pytest.mark.usefixtures("way_to_files")

MTIME = 1_700_000_000
ORIGINAL = "console.log('original')"
CODINGS = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}


def put(path: Path, content: str, mtime: float = MTIME) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (mtime, mtime))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """app.js with all three siblings, each holding the name of its coding; plain.css with none."""
    root = tmp_path / "site"
    put(root / "app.js", ORIGINAL)
    for coding, suffix in CODINGS.items():
        put(root / f"app.js{suffix}", coding)
    put(root / "plain.css", "body {}")
    return root


async def get(app: Any, path: str = "/app.js", **headers: str) -> httpx.Response:
    """The response as it came: httpx would decompress what is not compressed here."""
    transport = httpx.ASGITransport(app)
    named = {"accept-encoding": ""} | {k.replace("_", "-"): v for k, v in headers.items()}
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://example.org") as client,
        client.stream("GET", path, headers=named) as response,
    ):
        response.raw_body = b"".join([chunk async for chunk in response.aiter_raw()])  # type: ignore[attr-defined]
        return response


def body(response: Any) -> str:
    raw: bytes = response.raw_body
    return raw.decode()


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate, zstd", "zstd"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("br;q=0, *", "zstd"),
        ("*", "br"),
        ("BR", "br"),
        ("", None),
        ("deflate", None),
        ("identity", None),
        ("identity, br;q=0.5", None),
        ("br;q=0, gzip;q=0, zstd;q=0", None),
    ],
)
async def test_the_client_decides_by_weights(accept: str, coding: str | None, site: Path) -> None:
    response = await get(StaticFiles(directory=site, precompressed=True), accept_encoding=accept)
    assert response.status_code == 200
    assert response.headers.get("content-encoding") == coding
    assert body(response) == (coding or ORIGINAL)


async def test_a_sibling_has_the_type_of_the_original_and_its_own_length(site: Path) -> None:
    response = await get(StaticFiles(directory=site, precompressed=True), accept_encoding="zstd")
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["content-length"] == "4"


@pytest.mark.parametrize("accept", ["br", ""])
async def test_every_answer_says_that_it_varies(accept: str, site: Path) -> None:
    app = StaticFiles(directory=site, precompressed=True)
    response = await get(app, accept_encoding=accept)
    assert response.headers["vary"] == "Accept-Encoding"
    response = await get(app, accept_encoding=accept, if_none_match="*")
    assert response.status_code == 304
    assert response.headers["vary"] == "Accept-Encoding"


async def test_each_coding_has_its_own_tag(site: Path) -> None:
    for suffix in CODINGS.values():
        put(site / f"app.js{suffix}", ORIGINAL)  # same size, same time
    app = StaticFiles(directory=site, precompressed=True)
    tags = {(await get(app, accept_encoding=coding)).headers["etag"] for coding in ("", *CODINGS)}
    assert len(tags) == 4


async def test_the_tag_of_a_sibling_is_known_again(site: Path) -> None:
    app = StaticFiles(directory=site, precompressed=True)
    etag = (await get(app, accept_encoding="br")).headers["etag"]
    assert (await get(app, accept_encoding="br", if_none_match=etag)).status_code == 304
    assert (await get(app, accept_encoding="gzip", if_none_match=etag)).status_code == 200
    assert (await get(app, if_none_match=etag)).status_code == 200


async def test_a_range_is_one_of_the_sibling(site: Path) -> None:
    app = StaticFiles(directory=site, precompressed=True)
    response = await get(app, accept_encoding="gzip", range="bytes=1-2")
    assert response.status_code == 206
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-range"] == "bytes 1-2/4"
    assert body(response) == "zi"


async def test_a_file_without_siblings_is_served_as_it_is(site: Path) -> None:
    app = StaticFiles(directory=site, precompressed=True)
    response = await get(app, "/plain.css", accept_encoding="br, gzip")
    assert "content-encoding" not in response.headers
    assert body(response) == "body {}"


async def test_a_sibling_older_than_the_original_is_left_alone(site: Path) -> None:
    put(site / "app.js.br", "stale", MTIME - 1)
    response = await get(
        StaticFiles(directory=site, precompressed=True), accept_encoding="br, gzip"
    )
    assert response.headers["content-encoding"] == "gzip"


async def test_a_fraction_of_a_second_is_not_older(site: Path) -> None:
    put(site / "app.js", ORIGINAL, MTIME + 0.9)
    response = await get(StaticFiles(directory=site, precompressed=True), accept_encoding="br")
    assert response.headers["content-encoding"] == "br"


async def test_a_sibling_that_is_a_folder_is_left_alone(site: Path) -> None:
    (site / "plain.css.br").mkdir()
    app = StaticFiles(directory=site, precompressed=True)
    assert body(await get(app, "/plain.css", accept_encoding="br")) == "body {}"


async def test_a_sibling_that_leads_outside_is_left_alone(site: Path) -> None:
    put(site.parent / "secret", "secret")
    (site / "plain.css.br").symlink_to("../secret")
    app = StaticFiles(directory=site, precompressed=True)
    assert body(await get(app, "/plain.css", accept_encoding="br")) == "body {}"


async def test_without_the_option_siblings_are_files_like_others(site: Path) -> None:
    app = StaticFiles(directory=site)
    response = await get(app, accept_encoding="br")
    assert "content-encoding" not in response.headers
    assert "vary" not in response.headers
    assert body(response) == ORIGINAL
    assert body(await get(app, "/app.js.zst")) == "zstd"


async def test_an_index_has_siblings_too(site: Path) -> None:
    put(site / "index.html", "home")
    put(site / "index.html.br", "home in brotli")
    app = StaticFiles(directory=site, html=True, precompressed=True)
    response = await get(app, "/", accept_encoding="br")
    assert body(response) == "home in brotli"
    assert response.headers["content-type"] == "text/html; charset=utf-8"
