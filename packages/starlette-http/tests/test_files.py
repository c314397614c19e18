"""Files as responses: headers, ranges, and exactly as many bytes as were promised."""

import asyncio
import hashlib
import os
import re
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import httpx
import pytest
from hypothesis import given, strategies as st

from starlette_http.background import BackgroundTask
from starlette_http.files import READ_AHEAD
from starlette_http.ranges import Range
from starlette_http.requests import ClientDisconnect
from starlette_http.responses import FileResponse

DIGITS = b"0123456789"
MTIME = 1_795_208_954  # Fri, 20 Nov 2026 21:09:14 GMT
CHUNK = 64 * 1024

pytestmark = pytest.mark.usefixtures("way_to_files")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "digits.txt"
    path.write_bytes(DIGITS)
    os.utime(path, (MTIME, MTIME))
    return path


def scope(method: str = "GET", version: str = "2.4", **headers: str) -> dict[str, Any]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": method,
        "path": "/",
        "headers": raw,
        "asgi": {"spec_version": version},
    }


async def get(response: FileResponse, connection: Any, **options: Any) -> dict[str, str]:
    """Call the response; its status and headers, "status" among them."""
    await response(scope(**options), connection.receive, connection.send)
    return head(connection)


def head(connection: Any) -> dict[str, str]:
    start = connection.sent[0]
    headers = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return headers | {"status": str(start["status"])}


async def test_a_file_is_sent_with_what_is_known_about_it(channel: Any, path: Path) -> None:
    connection = channel()
    etag = hashlib.md5(f"{float(MTIME)}-10".encode()).hexdigest()
    await FileResponse(path, headers={"X-Name": "a"})(scope(), connection.receive, connection.send)
    assert connection.sent == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"x-name", b"a"),
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"accept-ranges", b"bytes"),
                (b"content-length", b"10"),
                (b"last-modified", b"Fri, 20 Nov 2026 21:09:14 GMT"),
                (b"etag", f'"{etag}"'.encode()),
            ],
        },
        {"type": "http.response.body", "body": DIGITS, "more_body": False},
    ]


async def test_given_headers_win_over_those_of_the_file(channel: Any, path: Path) -> None:
    given = {
        "content-type": "text/odd",
        "accept-ranges": "none",
        "content-disposition": "inline",
        "last-modified": "yesterday",
        "etag": 'W/"1"',
    }
    headers = await get(FileResponse(path, headers=given, filename="a"), channel())
    assert headers == given | {"status": "200", "content-length": "10"}


@pytest.mark.parametrize(
    ("options", "content_type"),
    [
        ({}, "text/plain; charset=utf-8"),
        ({"filename": "a.json"}, "application/json"),
        ({"filename": "a"}, "application/octet-stream"),
        ({"filename": "a.json", "media_type": "text/css"}, "text/css; charset=utf-8"),
    ],
    ids=["path", "filename", "unknown", "given"],
)
def test_the_type_is_given_or_guessed(options: Any, content_type: str, path: Path) -> None:
    assert FileResponse(path, **options).headers["content-type"] == content_type


@pytest.mark.parametrize(
    ("filename", "disposition"),
    [
        ("a-b_c.txt", 'attachment; filename="a-b_c.txt"'),
        ("dir/a.txt", 'attachment; filename="dir/a.txt"'),
        ("", 'attachment; filename=""'),
        ("é b.txt", "attachment; filename*=utf-8''%C3%A9%20b.txt"),
        ('"\r\n.txt', "attachment; filename*=utf-8''%22%0D%0A.txt"),
        ("\udcff.txt", "attachment; filename*=utf-8''%FF.txt"),
    ],
)
def test_a_filename_becomes_a_content_disposition(
    filename: str, disposition: str, path: Path
) -> None:
    assert FileResponse(path, filename=filename).headers["content-disposition"] == disposition


def test_the_disposition_may_be_inline(path: Path) -> None:
    response = FileResponse(path, filename="a", content_disposition_type="inline")
    assert response.headers["content-disposition"] == 'inline; filename="a"'


def test_a_stat_result_gives_the_headers_from_the_start(path: Path) -> None:
    response = FileResponse(path, stat_result=path.stat())
    assert response.headers["content-length"] == "10"
    assert "content-length" not in FileResponse(path).headers


async def test_head_has_the_headers_of_get_and_no_body(channel: Any, path: Path) -> None:
    got, headed, lower = channel(), channel(), channel()
    headers = await get(FileResponse(path), got)
    assert await get(FileResponse(path), headed, method="HEAD") == headers
    assert await get(FileResponse(path), lower, method="head") == headers
    empty = {"type": "http.response.body", "body": b"", "more_body": False}
    assert headed.sent[1:] == lower.sent[1:] == [empty]


@pytest.mark.parametrize("status", [103, 204, 304])
@pytest.mark.parametrize("extensions", [{}, {"http.response.pathsend": {}}], ids=["", "pathsend"])
async def test_a_status_without_content_has_the_other_headers_of_the_file(
    channel: Any, path: Path, status: int, extensions: Any
) -> None:
    got, connection = channel(), channel()
    expected = await get(FileResponse(path), got)
    del expected["content-length"]
    request = scope() | {"extensions": extensions}
    await FileResponse(path, status)(request, connection.receive, connection.send)
    assert head(connection) == expected | {"status": str(status)}
    assert connection.sent[1:] == [{"type": "http.response.body", "body": b"", "more_body": False}]


def test_a_stat_result_gives_a_status_without_content_no_length(path: Path) -> None:
    response = FileResponse(path, 204, stat_result=path.stat())
    assert "content-length" not in response.headers
    assert "etag" in response.headers


async def test_another_method_gets_the_whole_file(channel: Any, path: Path) -> None:
    connection = channel()
    headers = await get(FileResponse(path), connection, method="POST", range="bytes=0-1")
    assert (headers["status"], connection.body) == ("200", DIGITS)


@pytest.mark.parametrize(
    ("size", "bodies"),
    [
        (0, [0]),
        (1, [1]),
        (CHUNK, [CHUNK, 0]),
        (CHUNK + 1, [CHUNK, 1]),
        (READ_AHEAD, [CHUNK] * 4 + [0]),
        (READ_AHEAD * 2 + 7, [CHUNK] * 8 + [7]),
    ],
)
async def test_a_file_is_sent_in_chunks_of_64_kib(
    channel: Any, tmp_path: Path, size: int, bodies: list[int]
) -> None:
    data = bytes(size)
    (tmp_path / "file").write_bytes(data)
    connection = channel()
    await get(FileResponse(tmp_path / "file"), connection)
    assert [len(message["body"]) for message in connection.sent[1:]] == bodies
    more = [message["more_body"] for message in connection.sent[1:]]
    assert more == [True] * (len(bodies) - 1) + [False]
    assert connection.body == data


async def test_the_size_of_chunks_is_an_attribute_of_the_class(channel: Any, path: Path) -> None:
    class Small(FileResponse):
        chunk_size = 4

    connection = channel()
    await get(Small(path), connection)
    assert [message["body"] for message in connection.sent[1:]] == [b"0123", b"4567", b"89"]


async def test_the_last_chunk_of_a_range_says_so_also_if_it_is_full(
    channel: Any, path: Path
) -> None:
    class Small(FileResponse):
        chunk_size = 4

    connection = channel()
    await get(Small(path), connection, range="bytes=1-8")
    bodies = [(message["body"], message["more_body"]) for message in connection.sent[1:]]
    assert bodies == [(b"1234", True), (b"5678", False)]


@pytest.mark.parametrize("version", ["2.3", "2.4"])
async def test_one_range_is_206_with_its_length(channel: Any, path: Path, version: str) -> None:
    connection = channel()
    headers = await get(FileResponse(path), connection, version=version, range="bytes=1-2")
    assert headers["status"] == "206"
    assert headers["content-range"] == "bytes 1-2/10"
    assert headers["content-length"] == "2"
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert connection.body == b"12"


def parts(content_type: str, body: bytes) -> list[tuple[str, str, bytes]]:
    """The type, the range and the data of each part."""
    match = re.fullmatch("multipart/byteranges; boundary=([0-9a-f]{26})", content_type)
    assert match
    boundary = re.escape(match[1].encode())
    found = re.findall(
        rb"--%s\r\nContent-Type: (.*)\r\nContent-Range: (.*)\r\n\r\n([^\r]*)\r\n" % boundary, body
    )
    assert body.endswith(b"\r\n--%s--" % match[1].encode())
    return [(kind.decode(), where.decode(), data) for kind, where, data in found]


async def test_several_ranges_are_a_multipart_body(channel: Any, path: Path) -> None:
    connection = channel()
    headers = await get(FileResponse(path), connection, range="bytes=8-,0-1")
    assert headers["status"] == "206"
    assert "content-range" not in headers
    assert headers["content-length"] == str(len(connection.body))
    assert parts(headers["content-type"], connection.body) == [
        ("text/plain; charset=utf-8", "bytes 0-1/10", b"01"),
        ("text/plain; charset=utf-8", "bytes 8-9/10", b"89"),
    ]


async def test_a_part_of_a_file_without_a_type_is_binary(channel: Any, path: Path) -> None:
    connection, response = channel(), FileResponse(path)
    del response.headers["content-type"]
    headers = await get(response, connection, range="bytes=8-,0-1")
    kinds = [kind for kind, _, _ in parts(headers["content-type"], connection.body)]
    assert kinds == ["application/octet-stream"] * 2


async def test_head_of_a_range_is_206_without_a_body(channel: Any, path: Path) -> None:
    connection = channel()
    headers = await get(FileResponse(path), connection, method="HEAD", range="bytes=1-2")
    assert (headers["status"], headers["content-length"], connection.body) == ("206", "2", b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("header", "status", "content_range", "body"),
    [
        ("bytes=10-", "416", "bytes */10", b""),
        ("bytes=0-1,20-30", "416", "bytes */10", b""),
        ("bytes", "400", None, b"Malformed range header."),
        ("lines=1-2", "400", None, b"Only support bytes range"),
        ("bytes=-", "400", None, b"Range header: range must be requested"),
        ("bytes=5-4", "400", None, b"Range header: start must be less than end"),
    ],
)
async def test_a_bad_range_is_refused(
    channel: Any,
    path: Path,
    method: str,
    header: str,
    status: str,
    content_range: str | None,
    body: bytes,
) -> None:
    connection = channel()
    ran: list[int] = []
    response = FileResponse(path, headers={"x-name": "a"}, background=BackgroundTask(ran.append, 1))
    headers = await get(response, connection, method=method, range=header)
    assert headers.get("content-range") == content_range
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["status"] == status
    assert not headers.keys() & {"x-name", "etag", "last-modified"}
    assert (connection.body, ran) == (body, [])


async def test_too_many_ranges_get_the_whole_file(channel: Any, path: Path) -> None:
    connection = channel()
    headers = await get(FileResponse(path), connection, range="bytes=" + "0-1," * 100)
    assert (headers["status"], connection.body) == ("200", DIGITS)


async def test_only_a_200_has_ranges(channel: Any, path: Path) -> None:
    connection = channel()
    headers = await get(FileResponse(path, 404), connection, range="bytes=0-1")
    assert (headers["status"], connection.body) == ("404", DIGITS)


async def test_if_range_serves_the_range_of_the_same_file_only(channel: Any, path: Path) -> None:
    etag = (await get(FileResponse(path), channel()))["etag"]
    date = formatdate(MTIME, usegmt=True)
    expected = {etag: "206", date: "206", '"other"': "200", f"W/{etag}": "200", "": "200"}
    for validator, status in expected.items():
        asked = {"range": "bytes=0-1", "if_range": validator}
        assert (await get(FileResponse(path), channel(), **asked))["status"] == status


async def test_a_range_answer_leaves_the_response_as_it_was(channel: Any, path: Path) -> None:
    response, connection = FileResponse(path), channel()
    await get(response, channel(), range="bytes=0-1")
    await get(response, channel(), range="bytes=0-1,8-9")
    headers = await get(response, connection)
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["content-length"] == "10"
    assert "content-range" not in headers
    assert connection.body == DIGITS


async def test_a_subclass_may_frame_the_parts_in_its_own_way(channel: Any, path: Path) -> None:
    class Own(FileResponse):
        def generate_multipart(
            self, ranges: Any, boundary: str, max_size: int, content_type: str
        ) -> Any:
            return 0, lambda start, end: b"[%d:%d]" % (start, end)

    connection = channel()
    headers = await get(Own(path), connection, range="bytes=0-1,8-9")
    assert connection.body.startswith(b"[0:2]01\r\n[8:10]89\r\n--")
    assert headers["content-length"] == str(len(connection.body))


def test_the_multipart_frame_is_public(path: Path) -> None:
    length, part_header = FileResponse(path).generate_multipart([(0, 1), (3, 4)], "B", 9, "t/t")
    header = b"--B\r\nContent-Type: t/t\r\nContent-Range: bytes 3-3/9\r\n\r\n"
    assert part_header(3, 4) == header
    assert length == 2 * (len(header) + 3) + len(b"--B--")


async def test_the_server_may_send_the_file_by_its_path(
    channel: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    connection = channel()
    await FileResponse("digits.txt")(
        scope() | {"extensions": {"http.response.pathsend": {}}},
        connection.receive,
        connection.send,
    )
    assert connection.sent[0]["type"] == "http.response.start"
    assert (b"content-length", b"10") in connection.sent[0]["headers"]
    assert connection.sent[1:] == [{"type": "http.response.pathsend", "path": str(path)}]


async def test_what_the_path_does_not_say_is_read_here(channel: Any, path: Path) -> None:
    extensions: dict[str, Any] = {"extensions": {"http.response.pathsend": {}}}
    ranged, headed, denied, ignored = channel(), channel(), channel(), channel()
    response = FileResponse(path)
    await response(scope(range="bytes=0-1") | extensions, ranged.receive, ranged.send)
    await response(scope("HEAD") | extensions, headed.receive, headed.send)
    websocket = scope() | extensions | {"type": "websocket"}
    await response(websocket, denied.receive, denied.send)
    await response(scope(range="bytes=0-1", if_range="x") | extensions, None, ignored.send)
    assert ranged.body == b"01"
    assert headed.body == b""
    assert denied.body == DIGITS
    assert ignored.sent[1]["type"] == "http.response.pathsend"


async def test_extensions_may_be_none(channel: Any, path: Path) -> None:
    connection = channel()
    await FileResponse(path)(scope() | {"extensions": None}, connection.receive, connection.send)
    assert connection.body == DIGITS


async def test_in_a_websocket_scope_a_file_denies_the_handshake(channel: Any, path: Path) -> None:
    connection = channel()
    denial = {"type": "websocket", "headers": [(b"range", b"bytes=0-1")]}
    await FileResponse(path)(denial, connection.receive, connection.send)
    assert [message["type"] for message in connection.sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert head(connection)["status"] == "206"
    assert connection.body == b"01"


async def test_a_file_can_be_sent_without_a_scope(channel: Any, path: Path) -> None:
    connection, deaf = channel(), channel()
    await FileResponse(path)(connection.receive, connection.send)
    await FileResponse(path)(receive=None, send=deaf.send)
    assert connection.sent == deaf.sent
    assert connection.body == DIGITS


async def test_background_runs_after_the_file(channel: Any, path: Path) -> None:
    connection = channel()
    seen: list[bytes] = []
    task = BackgroundTask(lambda: seen.append(connection.body))
    await get(FileResponse(path, background=task), connection)
    assert seen == [DIGITS]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_missing_file_is_an_error_before_anything_is_sent(
    channel: Any, tmp_path: Path, method: str
) -> None:
    connection = channel()
    with pytest.raises(RuntimeError, match=f"^File at path {tmp_path}/nothing does not exist.$"):
        await get(FileResponse(tmp_path / "nothing"), connection, method=method)
    assert connection.sent == []


async def test_a_directory_or_a_pipe_is_an_error(channel: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(RuntimeError, match=f"^File at path {path} is not a file.$"):
            await get(FileResponse(path), channel())


async def test_a_file_that_vanished_since_it_was_examined_is_an_error_before_the_start(
    channel: Any, path: Path
) -> None:
    response, connection = FileResponse(path, stat_result=path.stat()), channel()
    path.unlink()
    with pytest.raises(FileNotFoundError):
        await get(response, connection)
    assert connection.sent == []


async def test_a_file_that_changed_since_it_was_examined_is_sent_with_its_own_length(
    channel: Any, path: Path
) -> None:
    response, connection = FileResponse(path, stat_result=path.stat()), channel()
    etag = response.headers["etag"]
    path.write_bytes(DIGITS * 2)
    headers = await get(response, connection)
    assert headers["content-length"] == "20"
    assert headers["etag"] != etag
    assert connection.body == DIGITS * 2


async def test_an_unchanged_file_keeps_the_headers_of_its_stat_result(
    channel: Any, path: Path
) -> None:
    response = FileResponse(path, stat_result=path.stat())
    promised = dict(response.headers)
    os.utime(path)
    headers = await get(response, channel())
    assert headers == promised | {"status": "200"}


async def test_a_response_used_again_tells_of_the_file_as_it_is(channel: Any, path: Path) -> None:
    response, connection = FileResponse(path), channel()
    before = await get(response, channel())
    path.write_bytes(b"new")
    after = await get(response, connection)
    assert (after["content-length"], connection.body) == ("3", b"new")
    assert after["etag"] != before["etag"]
    assert after["last-modified"] != before["last-modified"]


async def test_a_file_that_changes_and_changes_back_is_sent_with_its_own_length(
    channel: Any, path: Path
) -> None:
    response = FileResponse(path, stat_result=path.stat())
    for content in (DIGITS, b"new", DIGITS):
        path.write_bytes(content)
        connection = channel()
        headers = await get(response, connection)
        assert (headers["content-length"], connection.body) == (str(len(content)), content)


async def test_two_requests_at_a_time_are_told_of_the_file_that_each_gets(
    channel: Any, path: Path
) -> None:
    response, first, second = FileResponse(path), channel(), channel()

    async def send(message: Any) -> None:
        await first.send(message)
        if len(first.sent) == 1:
            path.write_bytes(b"new")
            await get(response, second)

    await response(scope(), None, send)
    assert (head(first)["content-length"], first.body) == ("10", DIGITS)
    assert (head(second)["content-length"], second.body) == ("3", b"new")


class Meddled(FileResponse):
    """A file that is meddled with while it is being sent."""

    chunk_size = READ_AHEAD

    async def send_while(self, connection: Any, meddle: Any, **headers: str) -> None:
        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                meddle(self.path)
            await connection.send(message)

        await self(scope(**headers), connection.receive, send)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.write_bytes(bytes(READ_AHEAD * 2))
    return path


async def test_what_a_file_grows_by_is_not_sent(channel: Any, large: Path) -> None:
    connection = channel()
    await Meddled(large).send_while(connection, lambda path: os.truncate(path, READ_AHEAD * 3))
    assert head(connection)["content-length"] == str(len(connection.body)) == str(READ_AHEAD * 2)


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=1-"}, {"range": "bytes=0-1,9-"}])
async def test_a_file_that_shrinks_is_an_error_that_breaks_the_answer(
    channel: Any, large: Path, headers: dict[str, str]
) -> None:
    connection = channel()
    with pytest.raises(RuntimeError, match=f"^File at path {large} is shorter than expected.$"):
        await Meddled(large).send_while(connection, lambda path: os.truncate(path, 5), **headers)
    assert connection.sent[-1].get("more_body", True)


async def test_a_file_that_is_removed_while_it_is_sent_is_sent(channel: Any, large: Path) -> None:
    connection = channel()
    await Meddled(large).send_while(connection, os.unlink)
    assert len(connection.body) == READ_AHEAD * 2


async def test_an_old_server_tells_of_the_client_by_a_message(path: Path) -> None:
    first = anyio.Event()
    sent: list[Any] = []
    ran: list[int] = []

    async def receive() -> dict[str, Any]:
        await first.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        first.set()
        await anyio.sleep_forever()

    response = FileResponse(path, background=BackgroundTask(ran.append, 1))
    with anyio.fail_after(5):
        await response(scope(version="2.3"), receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert ran == [1]


async def test_a_send_that_fails_is_a_client_that_left(path: Path, channel: Any) -> None:
    async def send(message: Any) -> None:
        raise OSError

    ran: list[int] = []
    response = FileResponse(path, background=BackgroundTask(ran.append, 1))
    with pytest.raises(ClientDisconnect):
        await response(scope(), channel().receive, send)
    assert ran == []


@asynccontextmanager
async def no_worker_threads() -> AsyncIterator[None]:
    """The only one is taken: who asks for one waits, and fails."""
    limiter = anyio.to_thread.current_default_thread_limiter()
    tokens, limiter.total_tokens = limiter.total_tokens, 1
    with anyio.fail_after(5):
        async with limiter:
            yield
    limiter.total_tokens = tokens


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="uses /proc and openat2(2)")
in_memory = pytest.mark.parametrize("way_to_files", ["memory"], indirect=True)


@linux_only
@in_memory
@pytest.mark.parametrize(
    ("options", "length"),
    [
        ({}, READ_AHEAD * 2),
        ({"version": "2.3"}, READ_AHEAD * 2),
        ({"range": "bytes=10-99999"}, 99_990),
        ({"method": "HEAD"}, 0),
    ],
    ids=["2.4", "2.3", "range", "head"],
)
async def test_what_is_in_memory_takes_no_worker_thread(
    channel: Any, large: Path, options: dict[str, str], length: int
) -> None:
    connection = channel()
    async with no_worker_threads():
        await get(FileResponse(large), connection, **options)
    assert len(connection.body) == length


@linux_only
@in_memory
async def test_other_tasks_have_their_turn_while_a_file_is_read_from_memory(
    channel: Any, large: Path
) -> None:
    large.write_bytes(bytes(READ_AHEAD * 20))
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            await anyio.lowlevel.checkpoint()
            turns += 1

    async with anyio.create_task_group() as group:
        group.start_soon(take_turns)
        await get(FileResponse(large), channel())
        group.cancel_scope.cancel()
    assert 15 <= turns <= 25


@linux_only
@in_memory
@pytest.mark.parametrize("known", [0, 100, READ_AHEAD], ids=["none", "one", "some"])
async def test_what_is_not_in_memory_is_read_in_a_worker_thread(
    channel: Any, large: Path, known: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = os.urandom(READ_AHEAD * 2)
    large.write_bytes(data)
    in_memory = os.preadv

    def preadv(descriptor: int, blocks: Any, offset: int, flags: int = 0) -> int:
        if offset >= known:
            raise BlockingIOError
        return in_memory(descriptor, blocks, offset, flags)

    monkeypatch.setattr(os, "preadv", preadv)
    connection = channel()
    await get(FileResponse(large), connection)
    assert connection.body == data
    assert [len(message["body"]) for message in connection.sent[1:]] == [CHUNK] * 8 + [0]


async def test_a_subclass_that_opens_the_file_in_its_own_way_is_asked_each_time(
    channel: Any, path: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").write_bytes(b"other")

    class Own(FileResponse):
        def open_file(self) -> int:
            return os.open(tmp_path / "other", os.O_RDONLY)

    for _ in range(2):
        connection = channel()
        await get(Own(path), connection)
        assert connection.body == b"other"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["directory", "pipe"])
async def test_what_took_the_place_of_a_file_is_an_error_before_the_start(
    channel: Any, path: Path, make: Any
) -> None:
    response, connection = FileResponse(path, stat_result=path.stat()), channel()
    path.unlink()
    make(path)
    with pytest.raises(RuntimeError, match=f"^File at path {path} is not a file.$"):
        await get(response, connection)
    assert connection.sent == []


async def test_a_pipe_that_takes_the_place_of_the_file_that_was_found_is_an_error(
    channel: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stat_and_replace(name: Any, **options: Any) -> os.stat_result:
        status = stat(name, **options)
        if os.fspath(name) == os.fspath(path):
            path.unlink()
            os.mkfifo(path)
        return status

    stat = os.stat
    monkeypatch.setattr(os, "stat", stat_and_replace)
    with pytest.raises(RuntimeError, match=f"^File at path {path} is not a file.$"):
        await get(FileResponse(path), channel())


def open_files() -> set[str]:
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            found.add(os.readlink(f"/proc/self/fd/{name}"))
        except FileNotFoundError:
            continue
    return found


@linux_only
async def test_the_file_is_closed_when_the_response_is_cancelled(large: Path) -> None:
    started = anyio.Event()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            started.set()
            await anyio.sleep_forever()

    async def receive() -> dict[str, Any]:
        await anyio.sleep_forever()
        raise AssertionError

    async with anyio.create_task_group() as group:
        group.start_soon(Meddled(large), scope(version="2.3"), receive, send)
        with anyio.fail_after(5):
            await started.wait()
        assert str(large) in open_files()
        group.cancel_scope.cancel()
    assert str(large) not in open_files()


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=0-1"}], ids=["whole", "range"])
def test_the_file_is_closed_when_a_task_is_torn_from_its_thread(
    headers: dict[str, str], path: Path, channel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # asyncio's own cancellation does not wait for worker threads.
    opening, torn, closed = threading.Event(), threading.Event(), threading.Event()
    close, opened = os.close, []

    class Slow(FileResponse):
        def open_file(self) -> int:
            opening.set()
            assert torn.wait(5)
            opened.append(super().open_file())
            return opened[0]

    def watch_and_close(descriptor: int) -> None:
        close(descriptor)
        if descriptor in opened:
            closed.set()

    async def main() -> None:
        connection = channel()
        task = asyncio.create_task(
            Slow(path)(scope(**headers), connection.receive, connection.send)
        )
        assert await asyncio.to_thread(opening.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert connection.sent == []
        torn.set()
        assert await asyncio.to_thread(closed.wait, 5)

    monkeypatch.setattr(os, "close", watch_and_close)
    asyncio.run(main())


@pytest.mark.parametrize("way_to_files", ["thread"], indirect=True)
def test_the_file_is_closed_when_a_task_is_torn_from_the_thread_that_reads(
    path: Path, channel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, torn, closed = threading.Event(), threading.Event(), threading.Event()
    read, close = os.read, os.close
    opened: list[int] = []

    def wait_and_read(descriptor: int, size: int) -> bytes:
        if not os.path.samestat(os.fstat(descriptor), path.stat()):  # asyncio reads as well
            return read(descriptor, size)
        opened.append(descriptor)
        reading.set()
        assert torn.wait(5)
        return read(descriptor, size)

    def watch_and_close(descriptor: int) -> None:
        close(descriptor)
        if descriptor in opened:
            closed.set()

    async def main() -> None:
        connection = channel()
        task = asyncio.create_task(FileResponse(path)(scope(), connection.receive, connection.send))
        assert await asyncio.to_thread(reading.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not closed.is_set()
        torn.set()
        assert await asyncio.to_thread(closed.wait, 5)

    monkeypatch.setattr(os, "read", wait_and_read)
    monkeypatch.setattr(os, "close", watch_and_close)
    asyncio.run(main())


requested = st.tuples(st.integers(0, 200), st.integers(1, 100)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)


@pytest.fixture(scope="module")
def alphabet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "alphabet"
    path.write_bytes(bytes(range(97, 123)) * 10)
    return path


@given(st.lists(requested, min_size=1, max_size=5), st.integers(1, 64))
def test_any_ranges_in_any_chunks_are_the_slices_of_the_file(
    alphabet: Path, ranges: list[Range], chunk_size: int
) -> None:
    class Chunked(FileResponse):
        pass

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    Chunked.chunk_size = chunk_size
    header = "bytes=" + ",".join(f"{start}-{end - 1}" for start, end in ranges)
    anyio.run(Chunked(alphabet), scope(range=header), None, send)
    body = b"".join(message["body"] for message in sent[1:])
    headers = dict(sent[0]["headers"])
    data = alphabet.read_bytes()
    assert headers[b"content-length"] == str(len(body)).encode()
    if b"content-range" in headers:
        found = [(headers[b"content-range"].decode(), body)]
    else:
        content_type = headers[b"content-type"].decode()
        found = [(where, part) for _, where, part in parts(content_type, body)]
    covered: set[int] = set()
    for where, part in found:
        first, last = map(int, where.removeprefix("bytes ").removesuffix("/260").split("-"))
        assert part == data[first : last + 1]
        covered |= {*range(first, last + 1)}
    assert covered == {place for start, end in ranges for place in range(start, min(end, 260))}


def test_under_uvicorn_a_download_can_be_resumed(serve: Any, large: Path) -> None:
    large.write_bytes(os.urandom(READ_AHEAD * 3 + 5))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await FileResponse(large)(scope, receive, send)

    base_url = serve(app, lifespan="off")
    whole = httpx.get(base_url)
    resume = {"range": "bytes=100000-", "if-range": whole.headers["etag"]}
    rest = httpx.get(base_url, headers=resume)
    assert whole.content == large.read_bytes()
    assert rest.status_code == 206
    assert whole.content[:100000] + rest.content == whole.content
