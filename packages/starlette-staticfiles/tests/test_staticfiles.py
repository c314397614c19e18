"""Serving a directory: every status, the headers of the answers, and the points to override."""

import gzip
import hashlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest

from starlette_http.exceptions import HTTPException
from starlette_http.headers import Headers, MutableHeaders
from starlette_http.response import PlainTextResponse, Response
from starlette_staticfiles.staticfiles import NotModifiedResponse, StaticFile, StaticFiles

pytestmark = pytest.mark.usefixtures("way_to_files")

Channels = Callable[..., Any]
MTIME = 1_700_000_000


def put(path: Path, content: str | bytes, mtime: float = MTIME) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (mtime, mtime))
    return path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    put(root / "a.txt", "0123456789")
    put(root / "css" / "x.css", "body {}")
    put(root / "docs" / "index.html", "<h1>Docs</h1>")
    put(root / "empty.txt", "")
    put(tmp_path / "secret.txt", "secret")
    return root


def client(app: Any, root_path: str = "") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=True, root_path=root_path)
    return httpx.AsyncClient(transport=transport, base_url="http://example.org")


async def get(app: Any, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client(app) as http:
        return await http.request(method, path, headers=named)


def http_scope(path: str = "/a.txt", method: str = "GET", **more: Any) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "headers": [], **more}


# Files


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/a.txt", b"0123456789"),
        ("/css/x.css", b"body {}"),
        ("/css//x.css", b"body {}"),
        ("//css/x.css", b"body {}"),
        ("/css/./x.css", b"body {}"),
        ("/docs/../a.txt", b"0123456789"),
        ("/a.txt/", b"0123456789"),
        ("/empty.txt", b""),
    ],
)
async def test_a_file_is_served(path: str, content: bytes, site: Path, channel: Channels) -> None:
    connection = channel()
    await StaticFiles(directory=site)(http_scope(path), connection.receive, connection.send)
    assert connection.sent[0]["status"] == 200
    assert connection.body == content


async def test_the_headers_of_a_file(site: Path) -> None:
    response = await get(StaticFiles(directory=site), "/a.txt")
    tag = hashlib.md5(f"{float(MTIME)}-10".encode()).hexdigest()
    assert dict(response.headers) == {
        "content-type": "text/plain; charset=utf-8",
        "accept-ranges": "bytes",
        "content-length": "10",
        "last-modified": formatdate(MTIME, usegmt=True),
        "etag": f'"{tag}"',
    }


@pytest.mark.parametrize("size", [65535, 65536, 65537, 300_000])
async def test_a_file_of_any_size_is_served_whole(size: int, site: Path) -> None:
    content = os.urandom(size)
    put(site / "big.bin", content)
    response = await get(StaticFiles(directory=site), "/big.bin")
    assert response.content == content
    assert response.headers["content-length"] == str(size)


async def test_head_has_the_headers_and_no_body(site: Path) -> None:
    app = StaticFiles(directory=site)
    got, head = await get(app, "/a.txt"), await get(app, "/a.txt", "HEAD")
    assert head.status_code == 200
    assert head.headers == got.headers
    assert head.content == b""


async def test_a_range_is_served(site: Path) -> None:
    response = await get(StaticFiles(directory=site), "/a.txt", range="bytes=2-4")
    assert response.status_code == 206
    assert response.content == b"234"
    assert response.headers["content-range"] == "bytes 2-4/10"


async def test_a_range_past_the_end_is_416(site: Path) -> None:
    response = await get(StaticFiles(directory=site), "/a.txt", range="bytes=10-")
    assert response.status_code == 416
    assert response.headers["content-range"] == "bytes */10"


async def test_if_range_with_an_old_tag_gives_the_whole_file(site: Path) -> None:
    response = await get(StaticFiles(directory=site), "/a.txt", range="bytes=2-4", if_range='"old"')
    assert response.status_code == 200
    assert response.content == b"0123456789"


async def test_a_server_that_sends_paths_is_given_the_path(site: Path, channel: Channels) -> None:
    connection = channel()
    scope = http_scope(extensions={"http.response.pathsend": {}})
    await StaticFiles(directory=site)(scope, connection.receive, connection.send)
    assert connection.sent[1:] == [{"type": "http.response.pathsend", "path": str(site / "a.txt")}]


async def test_headers_may_be_any_iterable_of_pairs(site: Path, channel: Channels) -> None:
    connection = channel()
    scope = http_scope() | {"headers": iter([(b"range", b"bytes=0-1")])}
    await StaticFiles(directory=site)(scope, connection.receive, connection.send)
    assert connection.body == b"01"


# Conditions


async def test_a_known_tag_is_304_without_a_body(site: Path) -> None:
    app = StaticFiles(directory=site)
    etag = (await get(app, "/a.txt")).headers["etag"]
    response = await get(app, "/a.txt", if_none_match=etag)
    assert response.status_code == 304
    assert response.content == b""
    assert dict(response.headers) == {"etag": etag}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"other", {etag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("{bare}", 200),
    ],
)
async def test_if_none_match_decides(value: str, status: int, method: str, site: Path) -> None:
    app = StaticFiles(directory=site)
    etag = (await get(app, "/a.txt")).headers["etag"]
    value = value.format(etag=etag, bare=etag.strip('"'))
    assert (await get(app, "/a.txt", method, if_none_match=value)).status_code == status


@pytest.mark.parametrize(
    ("since", "status"),
    [
        (formatdate(MTIME, usegmt=True), 304),
        (formatdate(MTIME + 1, usegmt=True), 304),
        (formatdate(MTIME - 1, usegmt=True), 200),
        ("Tue, 14 Nov 2023 23:13:20 +0100", 304),
        ("Tue, 14 Nov 2023 22:13:20 +0100", 200),
        ("junk", 200),
        ("", 200),
    ],
)
async def test_if_modified_since_compares_dates(since: str, status: int, site: Path) -> None:
    response = await get(StaticFiles(directory=site), "/a.txt", if_modified_since=since)
    assert response.status_code == status


async def test_if_none_match_wins_over_if_modified_since(site: Path) -> None:
    response = await get(
        StaticFiles(directory=site),
        "/a.txt",
        if_none_match='"other"',
        if_modified_since=formatdate(MTIME, usegmt=True),
    )
    assert response.status_code == 200


async def test_304_wins_over_a_range(site: Path) -> None:
    response = await get(
        StaticFiles(directory=site), "/a.txt", range="bytes=0-1", if_none_match="*"
    )
    assert response.status_code == 304


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({"if_match": '"other"'}, 412),
        ({"if_match": "*"}, 200),
        ({"if_unmodified_since": formatdate(MTIME - 1, usegmt=True)}, 412),
        ({"if_unmodified_since": formatdate(MTIME, usegmt=True)}, 200),
    ],
)
async def test_a_precondition_that_does_not_hold_is_412(
    header: dict[str, str], status: int, site: Path
) -> None:
    assert (await get(StaticFiles(directory=site), "/a.txt", **header)).status_code == status


def test_not_modified_keeps_what_caches_need() -> None:
    headers = {
        "Cache-Control": "no-cache",
        "Content-Location": "/a",
        "Date": "now",
        "ETag": '"a"',
        "Expires": "never",
        "Vary": "Accept",
        "Content-Type": "text/plain",
        "Content-Length": "1",
        "Last-Modified": "today",
        "X-Other": "1",
    }
    response = NotModifiedResponse(Headers(headers))
    assert response.status_code == 304
    assert sorted(response.headers) == [
        "cache-control",
        "content-location",
        "date",
        "etag",
        "expires",
        "vary",
    ]


# Without a worker thread


@asynccontextmanager
async def no_worker_threads() -> AsyncIterator[None]:
    """The only one is taken: who asks for one waits, and fails."""
    limiter = anyio.to_thread.current_default_thread_limiter()
    tokens, limiter.total_tokens = limiter.total_tokens, 1
    with anyio.fail_after(5):
        async with limiter:
            yield
    limiter.total_tokens = tokens


async def twice(app: StaticFiles | StaticFile, path: str, **headers: str) -> httpx.Response:
    """The answer to the second request, which must not take a worker thread."""
    first = await get(app, path, **headers)
    async with no_worker_threads():
        second = await get(app, path, **headers)
    assert (first.status_code, first.headers, first.content) == (
        second.status_code,
        second.headers,
        second.content,
    )
    return second


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="as no other system can tell")
in_memory = pytest.mark.parametrize("way_to_files", ["memory"], indirect=True)


@linux_only
@in_memory
@pytest.mark.parametrize("follow_symlink", [False, True])
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/css/x.css", {}, 200),
        ("/empty.txt", {}, 200),
        ("/a.txt", {"if-none-match": "*"}, 304),
        ("/a.txt", {"if-match": '"other"'}, 412),
        ("/a.txt", {"range": "bytes=1-2"}, 206),
        ("/a.txt", {"range": "bytes=99-"}, 416),
        ("/large.bin", {}, 200),
        ("/docs/", {}, 200),
        ("/docs", {}, 307),
    ],
)
async def test_what_is_in_memory_takes_no_worker_thread(
    path: str, headers: dict[str, str], status: int, follow_symlink: bool, site: Path
) -> None:
    put(site / "large.bin", bytes(300_000))
    app = StaticFiles(directory=site, html=True, follow_symlink=follow_symlink)
    assert (await twice(app, path, **headers)).status_code == status


@linux_only
@in_memory
async def test_a_compressed_sibling_in_memory_takes_no_worker_thread(site: Path) -> None:
    put(site / "a.txt.gz", gzip.compress(b"0123456789"))
    app = StaticFiles(directory=site, precompressed=True)
    response = await twice(app, "/a.txt", accept_encoding="gzip")
    assert response.headers["etag"].endswith('-gzip"')


@linux_only
@in_memory
async def test_the_classic_file_takes_no_worker_thread(site: Path) -> None:
    assert (await twice(StaticFile(site / "a.txt"), "/")).content == b"0123456789"
    large = StaticFile(put(site / "large.bin", bytes(300_000)))
    assert len((await twice(large, "/")).content) == 300_000


async def test_who_overrides_the_lookup_is_called_in_a_worker_thread(site: Path) -> None:
    threads = set()

    class Watched(StaticFiles):
        def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
            threads.add(threading.current_thread())
            return super().lookup_path(path)

    app = Watched(directory=site)
    for _ in range(2):
        threads.clear()
        assert (await get(app, "/a.txt")).content == b"0123456789"
        assert threads
        assert threading.current_thread() not in threads


async def test_a_patched_lookup_is_called(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = StaticFiles(directory=site)
    await get(app, "/a.txt")
    monkeypatch.setattr(StaticFiles, "lookup_path", lambda self, path: ("", None))
    assert (await get(app, "/a.txt")).status_code == 404


async def test_a_file_that_comes_goes_or_changes_is_seen_at_once(site: Path) -> None:
    app = StaticFiles(directory=site)
    for content in ("first", "second"):
        put(site / "new.txt", content)
        assert (await get(app, "/new.txt")).text == content
        (site / "new.txt").unlink()
        assert (await get(app, "/new.txt")).status_code == 404


async def test_a_link_in_the_place_of_a_file_is_seen_at_once(site: Path) -> None:
    app = StaticFiles(directory=site)
    assert (await get(app, "/a.txt")).status_code == 200
    (site / "a.txt").unlink()
    (site / "a.txt").symlink_to(site.parent / "secret.txt")
    assert (await get(app, "/a.txt")).status_code == 404


async def test_a_file_that_is_replaced_after_it_was_found_is_404(site: Path) -> None:
    class Racing(StaticFiles):
        def file_response(self, *args: Any, **kwargs: Any) -> Response:
            response = super().file_response(*args, **kwargs)
            put(site / "new.txt", "another one")
            os.replace(site / "new.txt", site / "a.txt")
            return response

    assert (await get(Racing(directory=site), "/a.txt", range="bytes=0-1")).status_code == 404


def test_not_modified_takes_any_mapping_and_keeps_repeated_headers() -> None:
    assert dict(NotModifiedResponse({"ETag": '"a"', "X-Other": "1"}).headers) == {"etag": '"a"'}
    twice = Headers(raw=[(b"vary", b"accept"), (b"vary", b"cookie")])
    assert NotModifiedResponse(twice).headers.getlist("vary") == ["accept", "cookie"]


# Refusals


@pytest.mark.parametrize(
    "path",
    [
        "/nope.txt",
        "/",
        "",
        "/css",
        "/css/",
        "/a.txt/b",
        "/../secret.txt",
        "/css/../../secret.txt",
        "/..\\secret.txt",
        "/\\etc\\passwd",
        "/a\0b",
        "/" + "x" * 300,
        "/" + "x/" * 5000,
        "/C:/Windows/win.ini",
        "/\ud800",
    ],
    ids=lambda path: ascii(path)[:40],
)
async def test_what_is_not_there_is_404(path: str, site: Path, channel: Channels) -> None:
    connection = channel()
    await StaticFiles(directory=site)(http_scope(path), connection.receive, connection.send)
    assert connection.sent[0]["status"] == 404
    assert connection.body == b"Not Found"


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "get"])
async def test_other_methods_are_405(method: str, site: Path, channel: Channels) -> None:
    connection = channel()
    scope = http_scope("/nope", method)
    await StaticFiles(directory=site)(scope, connection.receive, connection.send)
    assert connection.sent[0]["status"] == 405
    assert (b"allow", b"GET, HEAD") in connection.sent[0]["headers"]
    assert connection.body == b"Method Not Allowed"


class Unreadable(StaticFiles):
    """The tests may run as root, whom no file refuses."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        raise PermissionError(13, "Permission denied")


async def test_what_may_not_be_read_is_401(site: Path) -> None:
    assert (await get(Unreadable(directory=site), "/a.txt")).status_code == 401


async def test_errors_of_the_disk_are_not_hidden(site: Path) -> None:
    class Broken(StaticFiles):
        def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        await get(Broken(directory=site), "/a.txt")


async def test_with_neither_directory_nor_packages_all_is_404() -> None:
    assert (await get(StaticFiles(), "/a.txt")).status_code == 404


async def test_a_pipe_is_404(site: Path) -> None:
    os.mkfifo(site / "pipe")
    assert (await get(StaticFiles(directory=site), "/pipe")).status_code == 404


async def test_a_link_to_the_outside_is_404_unless_links_are_followed(site: Path) -> None:
    (site / "link.txt").symlink_to(site.parent / "secret.txt")
    assert (await get(StaticFiles(directory=site), "/link.txt")).status_code == 404
    followed = StaticFiles(directory=site, follow_symlink=True)
    assert (await get(followed, "/link.txt")).text == "secret"


async def test_a_websocket_is_closed(site: Path, channel: Channels) -> None:
    connection = channel()
    scope = {"type": "websocket", "path": "/a.txt", "headers": []}
    await StaticFiles(directory=site)(scope, connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]


async def test_other_scopes_are_an_assertion_error(site: Path, channel: Channels) -> None:
    with pytest.raises(AssertionError, match="not 'lifespan'"):
        await StaticFiles(directory=site)({"type": "lifespan"}, channel().receive, channel().send)


# Who answers a refusal


@pytest.mark.parametrize(
    "handlers", [None, ({}, {}), ({KeyError: None}, {404: None})], ids=["none", "empty", "others"]
)
async def test_alone_it_answers_refusals_itself(
    handlers: Any, site: Path, channel: Channels
) -> None:
    connection = channel()
    scope = http_scope("/nope") | {"starlette.exception_handlers": handlers}
    await StaticFiles(directory=site)(scope, connection.receive, connection.send)
    assert connection.sent[0]["status"] == 404


async def test_inside_an_application_refusals_are_raised(site: Path, channel: Channels) -> None:
    scope = http_scope("/nope") | {"starlette.exception_handlers": ({HTTPException: None}, {})}
    with pytest.raises(HTTPException) as caught:
        await StaticFiles(directory=site)(scope, channel().receive, channel().send)
    assert caught.value.status_code == 404


async def test_inside_an_application_files_are_served(site: Path, channel: Channels) -> None:
    connection = channel()
    scope = http_scope() | {"starlette.exception_handlers": ({HTTPException: None}, {})}
    await StaticFiles(directory=site)(scope, connection.receive, connection.send)
    assert connection.body == b"0123456789"


async def test_get_response_always_raises_refusals(site: Path) -> None:
    with pytest.raises(HTTPException) as caught:
        await StaticFiles(directory=site).get_response("nope", http_scope("/nope"))
    assert (caught.value.status_code, caught.value.detail) == (404, "Not Found")


async def test_a_refusal_after_the_start_is_raised(site: Path, channel: Channels) -> None:
    class Late(Response):
        async def __call__(self, *args: Any, **kwargs: Any) -> None:
            await super().__call__(*args, **kwargs)
            raise HTTPException(400)

    class App(StaticFiles):
        async def get_response(self, path: str, scope: Any) -> Response:
            return Late("begun")

    with pytest.raises(HTTPException):
        await App(directory=site)(http_scope(), channel().receive, channel().send)


# Configuration


def test_a_directory_may_be_given_by_position(site: Path) -> None:
    assert StaticFiles(site).directory == site


@pytest.mark.parametrize("name", ["nope", "a.txt"])
def test_a_missing_directory_is_found_out_at_construction(name: str, site: Path) -> None:
    with pytest.raises(RuntimeError) as caught:
        StaticFiles(directory=site / name)
    assert str(caught.value) == f"Directory '{site / name}' does not exist"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nope", "StaticFiles directory '{}' does not exist."),
        ("a.txt", "StaticFiles path '{}' is not a directory."),
    ],
)
async def test_without_the_check_it_is_found_out_with_the_first_request(
    name: str, error: str, site: Path
) -> None:
    app = StaticFiles(directory=str(site / name), check_dir=False)
    for _ in range(2):
        with pytest.raises(RuntimeError) as caught:
            await get(app, "/a.txt")
        assert str(caught.value) == error.format(site / name)
    assert app.config_checked is False


async def test_the_configuration_is_checked_until_it_succeeds_once(site: Path) -> None:
    checks = 0

    class Counted(StaticFiles):
        async def check_config(self) -> None:
            nonlocal checks
            checks += 1
            await super().check_config()

    app = Counted(directory=site)
    for _ in range(3):
        await get(app, "/a.txt")
    assert checks == 1
    assert app.config_checked is True


async def test_without_a_directory_there_is_nothing_to_check() -> None:
    await StaticFiles().check_config()


@pytest.fixture
def package(tmp_path: Path) -> Iterator[str]:
    """An importable package with the folders statics and assets, beside a namespace package."""
    put(tmp_path / "lib" / "sample_package" / "__init__.py", "")
    put(tmp_path / "lib" / "sample_package" / "statics" / "p.txt", "packaged")
    put(tmp_path / "lib" / "sample_package" / "assets" / "q.txt", "asset")
    (tmp_path / "lib" / "sample_namespace" / "statics").mkdir(parents=True)
    sys.path.insert(0, str(tmp_path / "lib"))
    yield "sample_package"
    sys.path.remove(str(tmp_path / "lib"))
    sys.modules.pop("sample_package", None)


async def test_packages_are_searched_after_the_directory_in_order(package: str, site: Path) -> None:
    app = StaticFiles(directory=site, packages=[package, (package, "assets")])
    assert [str(directory) for directory in app.all_directories] == [
        str(site),
        str(site.parent / "lib" / package / "statics"),
        str(site.parent / "lib" / package / "assets"),
    ]
    assert (await get(app, "/a.txt")).text == "0123456789"
    assert (await get(app, "/p.txt")).text == "packaged"
    assert (await get(app, "/q.txt")).text == "asset"
    assert app.packages == [package, (package, "assets")]


def test_the_directory_of_a_package_is_in_its_shortest_form(package: str, site: Path) -> None:
    app = StaticFiles(packages=[(package, "statics/../assets"), (package, ".")])
    root = site.parent / "lib" / package
    assert app.all_directories == [str(root / "assets"), str(root)]


@pytest.mark.parametrize("name", ["no_such_package", "no_such.package", "sample_namespace", "sys"])
def test_a_package_that_is_none_is_an_assertion_error(name: str, package: str) -> None:
    with pytest.raises(AssertionError) as caught:
        StaticFiles(packages=[name])
    assert str(caught.value) == f"Package '{name}' could not be found."


def test_a_package_without_the_folder_is_an_assertion_error(package: str) -> None:
    with pytest.raises(AssertionError) as caught:
        StaticFiles(packages=[(package, "nope")])
    assert str(caught.value) == (
        "Directory ''nope'' in package 'sample_package' could not be found."
    )


async def test_the_first_directory_with_anything_at_the_path_wins(site: Path) -> None:
    other = site.parent / "other"
    put(other / "css", "a file where the first has a folder")
    app = StaticFiles(directory=site)
    app.all_directories.append(other)
    assert (await get(app, "/css")).status_code == 404


# Pages


async def test_a_directory_is_answered_with_its_index(site: Path) -> None:
    response = await get(StaticFiles(directory=site, html=True), "/docs/")
    assert response.text == "<h1>Docs</h1>"
    assert response.headers["content-type"] == "text/html; charset=utf-8"


async def test_the_index_of_the_directory_itself_is_served(site: Path) -> None:
    put(site / "index.html", "home")
    assert (await get(StaticFiles(directory=site, html=True), "/")).text == "home"


async def test_an_index_can_be_known_already(site: Path) -> None:
    app = StaticFiles(directory=site, html=True)
    assert (await get(app, "/docs/", if_none_match="*")).status_code == 304


async def test_a_directory_without_its_slash_is_redirected_to_it(site: Path) -> None:
    response = await get(StaticFiles(directory=site, html=True), "/docs?a=1")
    assert response.status_code == 307
    assert response.headers["location"] == "http://example.org/docs/?a=1"


async def test_the_redirect_keeps_the_path_of_the_mount(site: Path, channel: Channels) -> None:
    connection = channel()
    scope = http_scope("/static/docs", root_path="/static")
    app = StaticFiles(directory=site, html=True)
    await app(scope, connection.receive, connection.send)
    assert dict(connection.sent[0]["headers"])[b"location"] == b"/static/docs/"


async def test_the_redirect_never_leads_to_another_host(site: Path, channel: Channels) -> None:
    put(site / "evil.org" / "index.html", "mine")
    connection = channel()
    app = StaticFiles(directory=site, html=True)
    await app(http_scope("//evil.org"), connection.receive, connection.send)
    assert dict(connection.sent[0]["headers"])[b"location"] == b"/%2Fevil.org/"


async def test_without_html_a_directory_is_404(site: Path) -> None:
    assert (await get(StaticFiles(directory=site), "/docs/")).status_code == 404


@pytest.mark.parametrize("path", ["/nope", "/css/", "/css"])
async def test_what_is_not_found_is_answered_with_the_404_page(path: str, site: Path) -> None:
    put(site / "404.html", "<h1>Sorry</h1>")
    response = await get(StaticFiles(directory=site, html=True), path)
    assert response.status_code == 404
    assert response.text == "<h1>Sorry</h1>"
    assert response.headers["content-type"] == "text/html; charset=utf-8"


async def test_the_404_page_knows_neither_conditions_nor_ranges(site: Path) -> None:
    put(site / "404.html", "<h1>Sorry</h1>")
    app = StaticFiles(directory=site, html=True)
    response = await get(app, "/nope", if_none_match="*", range="bytes=0-1")
    assert response.status_code == 404
    assert response.text == "<h1>Sorry</h1>"


async def test_without_a_404_page_it_is_a_plain_404(site: Path) -> None:
    response = await get(StaticFiles(directory=site, html=True), "/nope")
    assert response.status_code == 404
    assert response.text == "Not Found"


async def test_a_path_that_no_file_can_have_is_not_answered_with_the_404_page(
    site: Path,
) -> None:
    put(site / "404.html", "<h1>Sorry</h1>")
    response = await get(StaticFiles(directory=site, html=True), "/" + "x" * 300)
    assert response.text == "Not Found"


@pytest.mark.parametrize(("page", "path"), [("docs/index.html", "/docs/"), ("404.html", "/nope")])
async def test_a_page_that_may_not_be_read_is_401(page: str, path: str, site: Path) -> None:
    class Guarded(StaticFiles):
        def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
            if path == page:
                raise PermissionError(13, "Permission denied")
            return super().lookup_path(path)

    assert (await get(Guarded(directory=site, html=True), path)).status_code == 401


# What changes underneath


async def test_a_file_that_is_replaced_before_it_is_opened_is_404(
    site: Path, channel: Channels
) -> None:
    app = StaticFiles(directory=site)
    scope = http_scope(headers=[(b"range", b"bytes=0-3")])
    response = await app.get_response("a.txt", scope)
    put(site / "b.txt", "other file")
    os.replace(site / "b.txt", site / "a.txt")
    with pytest.raises(HTTPException) as caught:
        await response(scope, channel().receive, channel().send)
    assert caught.value.status_code == 404


async def test_a_link_swapped_underneath_gives_nothing_away(site: Path, channel: Channels) -> None:
    app = StaticFiles(directory=site)
    scope = http_scope("/a.txt", "HEAD")
    response = await app.get_response("a.txt", scope)
    (site / "a.txt").unlink()
    (site / "a.txt").symlink_to(site.parent / "secret.txt")
    with pytest.raises(HTTPException):
        await response(http_scope("/a.txt"), channel().receive, channel().send)


async def test_errors_of_the_system_while_opening_are_not_hidden(
    site: Path, channel: Channels
) -> None:
    response: Any = await StaticFiles(directory=site).get_response("a.txt", http_scope("HEAD"))
    response.path = site / "a.txt" / "b"
    with pytest.raises(NotADirectoryError):
        await response(http_scope(), channel().receive, channel().send)


async def test_a_small_file_read_with_the_lookup_can_be_sent_again(
    site: Path, channel: Channels
) -> None:
    app = StaticFiles(directory=site)
    scope = http_scope()
    response = await app.get_response("a.txt", scope)
    bodies = []
    for again in (scope, scope, http_scope(), http_scope(method="HEAD")):
        connection = channel()
        await response(again, connection.receive, connection.send)
        bodies.append(connection.body)
    assert bodies == [b"0123456789", b"0123456789", b"0123456789", b""]


async def test_a_client_that_leaves_ends_the_transfer(site: Path, channel: Channels) -> None:
    put(site / "big.bin", bytes(3_000_000))
    sent = 0

    async def send(message: Any) -> None:
        nonlocal sent
        sent += len(message.get("body", b""))
        await anyio.lowlevel.checkpoint()

    connection = channel({"type": "http.disconnect"})
    app = StaticFiles(directory=site)
    with anyio.fail_after(10):
        await app(http_scope("/big.bin"), connection.receive, send)
    assert sent < 3_000_000


# Points to override


async def test_get_response_can_fall_back(site: Path) -> None:
    class SPA(StaticFiles):
        async def get_response(self, path: str, scope: Any) -> Response:
            try:
                return await super().get_response(path, scope)
            except HTTPException as exc:
                if exc.status_code != 404:
                    raise
                return await super().get_response("a.txt", scope)

    assert (await get(SPA(directory=site), "/any/page")).text == "0123456789"


async def test_get_response_can_set_headers(site: Path) -> None:
    class NoCache(StaticFiles):
        async def get_response(self, path: str, scope: Any) -> Response:
            response = await super().get_response(path, scope)
            response.headers["cache-control"] = "no-store"
            return response

    response = await get(NoCache(directory=site), "/a.txt")
    assert response.headers["cache-control"] == "no-store"
    assert response.text == "0123456789"


async def test_file_response_can_be_overridden(site: Path) -> None:
    class Tagged(StaticFiles):
        def file_response(self, *args: Any, **kwargs: Any) -> Response:
            response = super().file_response(*args, **kwargs)
            response.headers["x-served"] = "yes"
            return response

    response = await get(Tagged(directory=site), "/a.txt")
    assert response.headers["x-served"] == "yes"
    assert response.text == "0123456789"


async def test_file_response_takes_any_path_and_status(site: Path, channel: Channels) -> None:
    app = StaticFiles(directory=site)
    scope = http_scope("/any", headers=[(b"if-none-match", b"*")])
    path = site / "a.txt"
    response = app.file_response(path, path.stat(), scope, status_code=404)
    connection = channel()
    await response(scope, connection.receive, connection.send)
    assert connection.sent[0]["status"] == 404
    assert connection.body == b"0123456789"


async def test_is_not_modified_can_add_headers_and_decide(site: Path) -> None:
    class Never(StaticFiles):
        def is_not_modified(self, response_headers: Any, request_headers: Headers) -> bool:
            assert isinstance(response_headers, MutableHeaders)
            response_headers["x-seen"] = request_headers["if-none-match"]
            return False

    response = await get(Never(directory=site), "/a.txt", if_none_match="*")
    assert response.status_code == 200
    assert response.headers["x-seen"] == "*"


async def test_get_path_can_be_overridden(site: Path) -> None:
    class Prefixed(StaticFiles):
        def get_path(self, scope: Any) -> str:
            return super().get_path(scope).removeprefix("v1/")

    assert (await get(Prefixed(directory=site), "/v1/a.txt")).text == "0123456789"


async def test_lookup_path_can_give_plain_strings(site: Path) -> None:
    class Other(StaticFiles):
        def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
            return str(site / "a.txt"), os.stat(site / "a.txt")

    assert (await get(Other(directory=site), "/whatever")).text == "0123456789"


def test_lookup_path_gives_path_and_status(site: Path) -> None:
    app = StaticFiles(directory=site)
    full_path, status = app.lookup_path("a.txt")
    assert full_path == str(site / "a.txt")
    assert status is not None
    assert status.st_size == 10
    assert app.lookup_path("nope") == ("", None)
    assert app.lookup_path("/etc/passwd") == ("", None)


async def test_the_application_can_be_wrapped(site: Path) -> None:
    class Private(StaticFiles):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["path"].endswith(".css"):
                await PlainTextResponse("no", 403)(scope, receive, send)
            else:
                await super().__call__(scope, receive, send)

    assert (await get(Private(directory=site), "/css/x.css")).status_code == 403
    assert (await get(Private(directory=site), "/a.txt")).status_code == 200


async def test_a_subclass_may_keep_attributes_named_like_our_options(site: Path) -> None:
    class Frontend(StaticFiles):
        def __init__(self, directory: Path) -> None:
            self.fallback = "index.html"
            self.cache_control = "no-store"
            self.headers = {"a": "b"}
            super().__init__(directory=directory)

    app = Frontend(site)
    response = await get(app, "/a.txt")
    assert "cache-control" not in response.headers
    assert (app.fallback, app.cache_control, app.headers) == ("index.html", "no-store", {"a": "b"})


@pytest.mark.parametrize(
    ("path", "root_path", "expected"),
    [
        ("/static/a.txt", "/static", "a.txt"),
        ("/static", "/static", "."),
        ("/static/", "/static", "."),
        ("", "", "."),
        ("/a//b/./c/../d/", "", "a/b/d"),
        ("/../a", "", "../a"),
    ],
)
def test_get_path_is_relative_and_normalised(path: str, root_path: str, expected: str) -> None:
    assert StaticFiles().get_path(http_scope(path, root_path=root_path)) == expected
