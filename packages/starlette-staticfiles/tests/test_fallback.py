"""The page of a single-page application, which answers navigation and never a missing asset."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from starlette_staticfiles.staticfiles import StaticFiles

pytestmark = pytest.mark.usefixtures("way_to_files")

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("the application")
    (tmp_path / "app.js").write_text("js")
    (tmp_path / "folder").mkdir()
    return tmp_path


async def get(app: Any, path: str, accept: str = BROWSER, method: str = "GET") -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://example.org") as client:
        return await client.request(method, path, headers={"accept": accept})


@pytest.mark.parametrize("path", ["/", "/users", "/users/7", "/users/7/", "/folder", "/v1.2/users"])
async def test_navigation_is_answered_with_the_page(path: str, site: Path) -> None:
    response = await get(StaticFiles(directory=site, fallback="index.html"), path)
    assert response.status_code == 200
    assert response.text == "the application"
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    "path", ["/missing.js", "/assets/missing.css", "/a.map", "/favicon.ico", "/.env", "/x.html"]
)
async def test_a_missing_asset_is_404_even_when_navigated_to(path: str, site: Path) -> None:
    response = await get(StaticFiles(directory=site, fallback="index.html"), path)
    assert response.status_code == 404


@pytest.mark.parametrize("accept", ["*/*", "application/json", "image/*", "text/html;q=0", ""])
async def test_what_is_no_navigation_is_404(accept: str, site: Path) -> None:
    response = await get(StaticFiles(directory=site, fallback="index.html"), "/api/users", accept)
    assert response.status_code == 404


async def test_files_that_are_there_are_served(site: Path) -> None:
    response = await get(StaticFiles(directory=site, fallback="index.html"), "/app.js")
    assert response.text == "js"
    assert "vary" not in response.headers


async def test_other_methods_stay_405(site: Path) -> None:
    app = StaticFiles(directory=site, fallback="index.html")
    assert (await get(app, "/users", method="POST")).status_code == 405


async def test_it_wins_over_the_404_page(site: Path) -> None:
    (site / "404.html").write_text("sorry")
    app = StaticFiles(directory=site, html=True, fallback="index.html")
    assert (await get(app, "/users")).status_code == 200
    missing = await get(app, "/missing.js")
    assert (missing.status_code, missing.text) == (404, "sorry")


async def test_a_page_that_is_not_there_is_404(site: Path) -> None:
    app = StaticFiles(directory=site, fallback="nope.html")
    assert (await get(app, "/users")).status_code == 404


async def test_a_path_outside_is_answered_like_any_other_that_is_not_there(
    site: Path, channel: Any
) -> None:
    connection = channel()
    scope = {"type": "http", "method": "GET", "path": "/../secret", "headers": []}
    app = StaticFiles(directory=site, fallback="index.html")
    await app(scope, connection.receive, connection.send)
    assert connection.sent[0]["status"] == 404
