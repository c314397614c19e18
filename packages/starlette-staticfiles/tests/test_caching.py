"""What caches are told: Cache-Control, hashed names, further headers, tags of the content."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from starlette_staticfiles.caching import is_hashed_name
from starlette_staticfiles.staticfiles import StaticFiles

pytestmark = pytest.mark.usefixtures("way_to_files")

YEAR = "public, max-age=31536000, immutable"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "app.3f2a1c9b.js").write_text("hashed")
    (tmp_path / "index.html").write_text("home")
    (tmp_path / "404.html").write_text("sorry")
    return tmp_path


async def get(app: Any, path: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://example.org") as client:
        return await client.get(path, headers=named)


async def cache_control(app: Any, path: str, **headers: str) -> str | None:
    response = await get(app, path, **headers)
    return ", ".join(response.headers.get_list("cache-control")) or None


@pytest.mark.parametrize(
    ("name", "hashed"),
    [
        ("app.3f2a1c9b.js", True),
        ("/srv/site/app-3f2a1c9b.js", True),
        ("app.55e7cbb9ba48.css", True),
        ("4bd1b696-5b5ad0e6d7a5e5f3.js", True),
        ("app.3f2a1c9b.js.map", True),
        ("app.js", False),
        ("app.3f2a1c9.js", False),
        ("report-20240131.pdf", False),
        ("a.deadbeef.js", False),
        ("bootstrap-datepicker.js", False),
        ("3f2a1c9b.js", False),
        ("app.3f2a1c9b", False),
        ("app.3f2a1c9b.d/app.js", False),
        ("app.3F2A1C9B.js", False),
    ],
)
def test_a_hash_is_told_from_words_dates_and_folders(name: str, hashed: bool) -> None:
    assert is_hashed_name(name) is hashed


def test_looking_for_a_hash_takes_linear_time() -> None:
    assert not is_hashed_name("-" + "a" * 200_000)


async def test_by_default_caches_are_told_nothing(site: Path) -> None:
    assert await cache_control(StaticFiles(directory=site), "/index.html") is None


async def test_one_policy_for_every_file(site: Path) -> None:
    app = StaticFiles(directory=site, cache_control="public, max-age=600")
    assert await cache_control(app, "/index.html") == "public, max-age=600"
    assert await cache_control(app, "/assets/app.3f2a1c9b.js") == "public, max-age=600"


async def test_hashed_names_are_immutable_and_the_others_keep_the_policy(site: Path) -> None:
    app = StaticFiles(directory=site, cache_control="no-cache", immutable=True)
    assert await cache_control(app, "/index.html") == "no-cache"
    assert await cache_control(app, "/assets/app.3f2a1c9b.js") == YEAR


async def test_what_is_immutable_can_be_decided_by_the_full_path(site: Path) -> None:
    app = StaticFiles(directory=site, immutable=(site / "index.html").samefile)
    assert await cache_control(app, "/index.html") == YEAR
    assert await cache_control(app, "/assets/app.3f2a1c9b.js") is None


async def test_a_304_says_the_same(site: Path) -> None:
    app = StaticFiles(directory=site, cache_control="no-cache")
    assert await cache_control(app, "/index.html", if_none_match="*") == "no-cache"


async def test_a_404_page_is_not_cached_as_a_file(site: Path) -> None:
    app = StaticFiles(directory=site, html=True, cache_control="max-age=600")
    assert await cache_control(app, "/nope") is None


async def test_headers_for_every_file(site: Path) -> None:
    app = StaticFiles(directory=site, headers={"X-Content-Type-Options": "nosniff"})
    response = await get(app, "/index.html")
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_headers_by_the_full_path_win_over_the_policy(site: Path) -> None:
    def headers(path: str) -> Mapping[str, str] | None:
        if path != str(site / "index.html"):
            return None
        return {"Cache-Control": "no-store", "Link": "</a.css>; rel=preload"}

    app = StaticFiles(directory=site, cache_control="max-age=600", headers=headers)
    response = await get(app, "/index.html")
    assert response.headers.get_list("cache-control") == ["no-store"]
    assert response.headers["link"] == "</a.css>; rel=preload"
    assert await cache_control(app, "/assets/app.3f2a1c9b.js") == "max-age=600"


async def test_headers_are_asked_for_the_original_of_a_sibling(site: Path) -> None:
    (site / "index.html.gz").write_text("")
    asked: list[str] = []
    app = StaticFiles(directory=site, precompressed=True, headers=asked.append)
    await get(app, "/index.html", accept_encoding="gzip;q=0")
    await get(app, "/index.html", accept_encoding="br")
    assert asked == [str(site / "index.html")] * 2


def replace(path: Path, content: str, mtime: int) -> None:
    path.write_text(content)
    os.utime(path, (mtime, mtime))


async def test_a_tag_of_the_content_does_not_depend_on_time(site: Path) -> None:
    app = StaticFiles(directory=site, content_etag=True)
    replace(site / "index.html", "one", 1_700_000_000)
    first = (await get(app, "/index.html")).headers["etag"]
    replace(site / "index.html", "one", 1_700_000_001)
    assert (await get(app, "/index.html")).headers["etag"] == first
    replace(site / "index.html", "two", 1_700_000_002)
    assert (await get(app, "/index.html")).headers["etag"] != first


async def test_a_tag_of_the_content_is_known_again(site: Path) -> None:
    app = StaticFiles(directory=site, content_etag=True)
    etag = (await get(app, "/index.html")).headers["etag"]
    assert (await get(app, "/index.html", if_none_match=etag)).status_code == 304


async def test_two_files_of_one_size_and_time_differ_in_the_tag_of_the_content(
    site: Path,
) -> None:
    replace(site / "one.txt", "one", 1_700_000_000)
    replace(site / "two.txt", "two", 1_700_000_000)
    app = StaticFiles(directory=site, content_etag=True)
    tags = {(await get(app, path)).headers["etag"] for path in ("/one.txt", "/two.txt")}
    assert len(tags) == 2
