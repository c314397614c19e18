"""Files that are in the kernel's memory, opened and read without a worker thread."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from starlette_http import page_cache
from starlette_http.page_cache import LARGEST_BLOCK, admit, open_cached, read_cached, system_calls

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="openat2(2) is Linux's")


@pytest.fixture(autouse=True)
def nothing_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "ADMITTED", {})
    monkeypatch.setattr(page_cache, "REFUSED_DEVICES", set())


@pytest.fixture
def without_ctypes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "ctypes", None)
    system_calls.cache_clear()
    yield
    system_calls.cache_clear()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "digits"
    path.write_bytes(b"0123456789")
    return path


def opens(path: Path, links: bool = True) -> bool:
    """Whether the path is opened; with its own status, and closed again."""
    opened = open_cached(str(path), links=links)
    if opened is None:
        return False
    descriptor, status = opened
    same = os.path.samestat(status, os.stat(path)) and not os.get_inheritable(descriptor)
    os.close(descriptor)
    return same


@linux_only
def test_an_admitted_file_or_directory_is_opened_with_its_status(path: Path) -> None:
    for known in (path, path.parent):
        assert not opens(known)
        admit(str(known), known.stat())
        admit(str(known), known.stat())
        assert opens(known)


@linux_only
def test_a_link_is_opened_unless_there_must_be_none(path: Path) -> None:
    link, inner = path.parent / "link", path.parent / "folder" / path.name
    link.symlink_to(path.name)
    inner.parent.symlink_to(".")
    for known in (path, link, inner):
        admit(str(known), known.stat())
    assert [opens(known) for known in (path, link, inner)] == [True] * 3
    assert [opens(known, links=False) for known in (path, link, inner)] == [True, False, False]


def test_a_pipe_is_not_admitted(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    admit(str(pipe), pipe.stat())
    assert not opens(pipe)


@linux_only
def test_a_pipe_in_the_place_of_a_file_is_neither_waited_for_nor_opened_again(path: Path) -> None:
    admit(str(path), path.stat())
    path.unlink()
    os.mkfifo(path)
    descriptors = len(os.listdir("/proc/self/fd"))
    assert not opens(path)
    assert str(path) not in page_cache.ADMITTED
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_a_file_that_vanished_is_left_to_the_thread(path: Path) -> None:
    admit(str(path), path.stat())
    path.unlink()
    assert not opens(path)


@linux_only
def test_a_file_system_that_may_have_to_ask_somebody_is_left_to_the_thread() -> None:
    status = Path("/proc/self/status")
    admit(str(status), status.stat())
    assert not opens(status)


@linux_only
def test_a_file_system_is_asked_once_whether_it_must_ask(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def nfs(name: bytes) -> int:
        asked.append(name)
        return 0x6969

    openat2, _ = system_calls()
    monkeypatch.setattr(page_cache, "system_calls", lambda: (openat2, nfs))
    for _ in range(2):
        admit(str(path), path.stat())
    assert (asked, opens(path)) == ([bytes(path)], False)


@linux_only
def test_what_is_gone_when_it_should_be_admitted_is_not(path: Path) -> None:
    status = path.stat()
    path.unlink()
    admit(str(path), status)
    assert not opens(path)
    path.write_text("again")
    admit(str(path), path.stat())
    assert opens(path)


def test_a_system_without_these_calls_admits_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    admit(str(path), path.stat())
    assert not opens(path)


@pytest.mark.usefixtures("without_ctypes")
def test_a_python_without_ctypes_admits_and_opens_nothing(path: Path) -> None:
    admit(str(path), path.stat())
    assert page_cache.ADMITTED == {}
    page_cache.ADMITTED[str(path)] = bytes(path)
    assert not opens(path)


@linux_only
def test_a_kernel_that_refuses_the_call_admits_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, file_system = system_calls()
    monkeypatch.setattr(page_cache, "system_calls", lambda: (lambda *args: -1, file_system))
    admit(str(path), path.stat())
    assert page_cache.ADMITTED == {}


@linux_only
def test_the_paths_that_are_remembered_are_bounded(path: Path) -> None:
    page_cache.ADMITTED.update((str(number), b"") for number in range(4096))
    admit(str(path), path.stat())
    assert list(page_cache.ADMITTED) == [str(path)]


# Reading


def cached(path: Path, size: int, offset: int = 0) -> bytes | None:
    with path.open("rb") as file:
        return read_cached(file.fileno(), size, offset)


@pytest.fixture
def all_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may run on a file system that cannot tell."""

    def preadv(descriptor: int, blocks: Sequence[memoryview], offset: int, flags: int) -> int:
        assert flags == os.RWF_NOWAIT
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.readv(descriptor, blocks)

    monkeypatch.setattr(os, "preadv", preadv)


@linux_only
@pytest.mark.usefixtures("all_in_memory")
def test_a_block_in_memory_is_read(path: Path) -> None:
    assert cached(path, 10) == b"0123456789"
    assert cached(path, 3, 4) == b"456"
    assert cached(path, 0) == b""


@linux_only
@pytest.mark.usefixtures("all_in_memory")
def test_blocks_are_independent_of_each_other(path: Path) -> None:
    with path.open("rb") as file:
        first = read_cached(file.fileno(), 5, 0)
        assert (first, read_cached(file.fileno(), 5, 5)) == (b"01234", b"56789")


@pytest.mark.parametrize(("size", "offset"), [(11, 0), (1, 10), (-1, 0)])
def test_what_the_file_does_not_have_is_left_to_the_thread(
    size: int, offset: int, path: Path
) -> None:
    assert cached(path, size, offset) is None


@linux_only
@pytest.mark.usefixtures("all_in_memory")
def test_a_block_is_bounded(path: Path) -> None:
    path.write_bytes(bytes(LARGEST_BLOCK + 1))
    assert cached(path, LARGEST_BLOCK) == bytes(LARGEST_BLOCK)
    assert cached(path, LARGEST_BLOCK + 1) is None


@pytest.mark.parametrize("error", [BlockingIOError(11, ""), OSError(95, "")])
def test_what_is_not_in_memory_or_cannot_be_told_is_left_to_the_thread(
    error: OSError, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def preadv(*args: object) -> int:
        raise error

    monkeypatch.setattr(os, "preadv", preadv, raising=False)
    assert cached(path, 10) is None


def test_a_system_that_cannot_read_so_leaves_it_to_the_thread(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "preadv", raising=False)
    assert cached(path, 10) is None
