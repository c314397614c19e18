"""What a path can reach beneath a directory, and what it cannot."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from starlette_http import page_cache
from starlette_staticfiles.lookup import (
    FoundPath,
    NotInMemory,
    find,
    find_cached,
    is_refused,
    open_found,
    open_found_cached,
    read_found,
    read_found_cached,
    refusal_status,
    stat_by_name,
    stat_by_walking,
)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="uses /proc and openat2(2)")

Look = Callable[[str, list[str]], os.stat_result]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """site/{a.txt, css/deep/x.css}, beside it secret.txt and site2/b.txt."""
    root = tmp_path / "site"
    (root / "css" / "deep").mkdir(parents=True)
    (root / "a.txt").write_text("a")
    (root / "css" / "deep" / "x.css").write_text("x")
    (tmp_path / "site2").mkdir()
    (tmp_path / "site2" / "b.txt").write_text("b")
    (tmp_path / "secret.txt").write_text("secret")
    return root


def found_at(site: Path, path: str, follow_symlink: bool = False) -> str | None:
    found = find(site, path, follow_symlink)
    return None if found is None else os.path.relpath(found[0], site.parent)


@pytest.mark.parametrize("follow", [False, True], ids=["inside", "follow"])
@pytest.mark.parametrize(
    ("path", "full_path"),
    [
        ("a.txt", "site/a.txt"),
        ("css/deep/x.css", "site/css/deep/x.css"),
        ("css", "site/css"),
        (".", "site"),
        ("", "site"),
        ("css/../a.txt", "site/a.txt"),
        ("css/./deep//x.css", "site/css/deep/x.css"),
        ("../site/a.txt", "site/a.txt"),
        ("b.txt", None),
        ("a.txt/b", None),
        ("css/deep/x.css/y/z", None),
        ("css/nope/x.css", None),
        ("..", None),
        ("../secret.txt", None),
        ("../site2/b.txt", None),
        ("css/../../secret.txt", None),
        ("../../../../../../../../etc/passwd", None),
        ("/etc/passwd", None),
    ],
)
def test_a_path_reaches_only_what_lies_inside(
    path: str, full_path: str | None, follow: bool, site: Path
) -> None:
    assert found_at(site, path, follow) == full_path


def test_the_status_is_that_of_the_file(site: Path) -> None:
    found = find(site, "css/deep/x.css")
    assert found is not None
    assert os.path.samestat(found[1], os.stat(site / "css" / "deep" / "x.css"))


@pytest.fixture(scope="module")
def linked_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site full of links: in/ and a file lead inside, out/, up and secret.txt outside."""
    base = tmp_path_factory.mktemp("linked").resolve()
    site = base / "site"
    (site / "css").mkdir(parents=True)
    (site / "css" / "x.css").write_text("x")
    (base / "secrets").mkdir()
    (base / "secrets" / "x.css").write_text("secret")
    (site / "in").symlink_to("css")
    (site / "file.css").symlink_to("in/x.css")
    (site / "out").symlink_to("../secrets")
    (site / "up").symlink_to("..")
    (site / "secret.css").symlink_to(base / "secrets" / "x.css")
    (site / "loop").symlink_to("loop")
    return site


PARTS = ["..", ".", "", "css", "x.css", "in", "file.css", "out", "up", "secret.css", "secrets"]


@given(parts=st.lists(st.sampled_from([*PARTS, "site"])))
def test_no_way_through_links_and_dots_leads_outside(linked_site: Path, parts: list[str]) -> None:
    found = find(linked_site, "/".join(parts))
    if found is not None:
        full_path, status = found
        assert os.path.realpath(full_path) == full_path
        assert full_path == str(linked_site) or full_path.startswith(f"{linked_site}/")
        assert os.path.samestat(os.lstat(full_path), status)


@contextmanager
def all_admitted() -> Iterator[None]:
    """Even what no lookup has found: what a path reaches must not hang on it."""

    class Everything(dict[str, bytes]):
        def get(self, path: str, default: Any = None) -> Any:
            return os.fsencode(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_cache, "ADMITTED", Everything())
        yield


@linux_only
@given(
    parts=st.lists(st.sampled_from([*PARTS, "site", "/", "a"])),
    directory=st.sampled_from(["", "/in", "/css", "/css/..", "/in/..", "/../site", "/out", "/up"]),
    follow=st.booleans(),
)
def test_what_is_found_in_memory_is_what_the_lookup_finds(
    linked_site: Path, parts: list[str], directory: str, follow: bool
) -> None:
    path, root = "/".join(parts), f"{linked_site}{directory}"
    with all_admitted():
        try:
            full_path, status = find_cached(root, path, follow)
        except NotInMemory:
            return
    found = None if is_refused(path) else find(root, path, follow)
    assert found is not None
    assert (found[0], found[1].st_ino) == (full_path, status.st_ino)


@linux_only
@pytest.mark.parametrize("path", ["css/x.css", "css", "."])
def test_what_was_looked_up_is_found_in_memory(linked_site: Path, path: str) -> None:
    looked_up = find(linked_site, path)
    assert looked_up is not None
    full_path, status = find_cached(linked_site, path)
    assert full_path == looked_up[0]
    assert os.path.samestat(status, looked_up[1])


@linux_only
def test_a_link_is_found_in_memory_where_links_may_lead_outside(linked_site: Path) -> None:
    looked_up = find(linked_site, "out/x.css", follow_symlink=True)
    assert looked_up is not None
    assert find_cached(linked_site, "out/x.css", follow_symlink=True)[0] == looked_up[0]
    with all_admitted(), pytest.raises(NotInMemory):
        find_cached(linked_site, "out/x.css")


@pytest.mark.parametrize("path", ["../secrets/x.css", "css/../css/x.css", "/css/x.css"])
@pytest.mark.parametrize("follow", [False, True])
def test_a_path_that_may_lead_outside_is_not_looked_up_in_memory(
    linked_site: Path, path: str, follow: bool
) -> None:
    with all_admitted(), pytest.raises(NotInMemory):
        find_cached(linked_site, path, follow)


@pytest.mark.parametrize(
    ("path", "full_path"),
    [
        ("in/x.css", "site/css/x.css"),
        ("file.css", "site/css/x.css"),
        ("in", "site/css"),
        ("out/x.css", None),
        ("out", None),
        ("secret.css", None),
        ("up/secrets/x.css", None),
        ("up/site/css/x.css", "site/css/x.css"),
        ("loop", None),
        ("loop/x", None),
    ],
)
def test_links_are_followed_to_what_lies_inside(
    path: str, full_path: str | None, linked_site: Path
) -> None:
    assert found_at(linked_site, path) == full_path


@pytest.mark.parametrize(
    ("path", "full_path"),
    [
        ("in/x.css", "site/in/x.css"),
        ("out/x.css", "site/out/x.css"),
        ("secret.css", "site/secret.css"),
        ("../secrets/x.css", None),
    ],
)
def test_links_may_lead_outside_where_they_are_to_be_followed(
    path: str, full_path: str | None, linked_site: Path
) -> None:
    assert found_at(linked_site, path, follow_symlink=True) == full_path


def test_the_directory_itself_may_be_a_link(site: Path) -> None:
    link = site.parent / "current"
    link.symlink_to("site")
    assert found_at(link, "a.txt") == "site/a.txt"
    assert found_at(link, "a.txt", follow_symlink=True) == "current/a.txt"


def test_the_directory_may_be_relative(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.parent)
    found = find("site", "a.txt")
    assert found is not None
    assert found[0] == os.path.realpath(site / "a.txt")


def test_a_missing_directory_has_nothing(tmp_path: Path) -> None:
    assert find(tmp_path / "nope", "a.txt") is None


@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("path", ["a\0b", "\0", "css/\0/x", "\ud800"])
def test_a_name_that_no_file_can_have_is_a_value_error(path: str, follow: bool, site: Path) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        find(site, path, follow)


@pytest.mark.parametrize("follow", [False, True])
def test_an_overlong_name_is_the_systems_error(follow: bool, site: Path) -> None:
    with pytest.raises(OSError, match="too long") as caught:
        find(site, "x" * 300, follow)
    assert caught.value.errno == errno.ENAMETOOLONG


def test_a_pipe_is_found_without_being_opened(site: Path) -> None:
    os.mkfifo(site / "pipe")
    found = find(site, "pipe")
    assert found is not None
    assert not os.path.isfile(found[0])


# One step of the walk, and what replaces it where the system cannot walk


@pytest.mark.parametrize("look", [stat_by_walking, stat_by_name])
def test_both_ways_to_look_give_the_status_of_a_file(look: Look, site: Path) -> None:
    for parts in ([], ["a.txt"], ["css", "deep", "x.css"]):
        assert os.path.samestat(look(str(site), parts), os.stat(site.joinpath(*parts)))


@pytest.mark.parametrize("look", [stat_by_walking, stat_by_name])
def test_both_ways_to_look_give_the_status_of_a_link_in_the_last_place(
    look: Look, linked_site: Path
) -> None:
    status = look(str(linked_site), ["file.css"])
    assert os.path.samestat(status, os.lstat(linked_site / "file.css"))


@pytest.mark.parametrize("part", ["in", "out", "up", "loop"])
def test_walking_goes_through_no_link(part: str, linked_site: Path) -> None:
    with pytest.raises(OSError) as caught:  # noqa: PT011
        stat_by_walking(str(linked_site), [part, "x.css"])
    assert caught.value.errno in (errno.ENOTDIR, errno.ELOOP)


def test_walking_leaves_no_descriptor_open(linked_site: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    stat_by_walking(str(linked_site), ["css", "x.css"])
    stat_by_walking(str(linked_site), [])
    for part in ("in", "nope"):
        with pytest.raises(OSError):  # noqa: PT011
            stat_by_walking(str(linked_site), [part, "x.css"])
    assert len(os.listdir("/proc/self/fd")) == before


# Opening what was found


def test_what_was_found_is_read(site: Path) -> None:
    assert read_found(str(site / "a.txt"), os.stat(site / "a.txt")) == b"a"


def test_another_file_in_its_place_is_not_opened(site: Path) -> None:
    found = os.stat(site / "a.txt")
    (site / "new.txt").write_text("n")
    os.replace(site / "new.txt", site / "a.txt")
    with pytest.raises(FileNotFoundError, match="Another file has taken its place"):
        open_found(str(site / "a.txt"), found)


def test_a_link_swapped_underneath_is_not_read(site: Path) -> None:
    found = find(site, "css/deep/x.css")
    assert found is not None
    outside = site.parent / "outside"
    outside.mkdir()
    (outside / "x.css").write_text("secret")
    os.rename(site / "css" / "deep", site / "css" / "away")
    (site / "css" / "deep").symlink_to(outside)
    with pytest.raises(FileNotFoundError):
        read_found(*found)


def test_a_pipe_in_its_place_does_not_block(site: Path) -> None:
    found = os.stat(site / "a.txt")
    os.unlink(site / "a.txt")
    os.mkfifo(site / "a.txt")
    with pytest.raises(FileNotFoundError):
        open_found(str(site / "a.txt"), found)


@pytest.mark.parametrize("content", ["", "aa"])
def test_a_file_that_changes_just_now_is_not_taken(content: str, site: Path) -> None:
    found = os.stat(site / "a.txt")
    (site / "a.txt").write_text(content)
    assert read_found(str(site / "a.txt"), found) is None


@linux_only
def test_what_was_found_is_read_from_memory(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, descriptors = site / "a.txt", len(os.listdir("/proc/self/fd"))
    found = os.stat(path)
    with all_admitted():
        monkeypatch.setattr(os, "preadv", lambda fd, blocks, *args: os.readv(fd, blocks))
        assert read_found_cached(str(path), found) == b"a"
        monkeypatch.delattr(os, "preadv")
        with pytest.raises(NotInMemory):
            read_found_cached(str(path), found)
    assert len(os.listdir("/proc/self/fd")) == descriptors


@linux_only
def test_another_file_in_its_place_is_not_read_from_memory(site: Path) -> None:
    path, descriptors = site / "a.txt", len(os.listdir("/proc/self/fd"))
    found = os.stat(path)
    (site / "new.txt").write_text("n")
    os.replace(site / "new.txt", path)
    with all_admitted():
        assert open_found_cached(str(path), found) is None
        with pytest.raises(NotInMemory):
            read_found_cached(str(path), found)
    assert len(os.listdir("/proc/self/fd")) == descriptors


# Refusals


@pytest.mark.parametrize(
    ("path", "windows", "refused"),
    [
        ("a.txt", False, False),
        ("/etc/passwd", False, True),
        ("\\server\\share", False, True),
        ("/a", True, True),
        ("\\a", True, True),
        ("C:\\a", True, True),
        ("C:a", True, True),
        ("a.txt::$DATA", True, True),
        ("C:", False, False),
        ("a\\b", False, False),
        ("css/a.txt", True, False),
        ("", True, False),
    ],
)
def test_absolute_paths_drives_and_streams_are_refused(
    path: str, windows: bool, refused: bool
) -> None:
    assert is_refused(path, windows) is refused


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PermissionError(errno.EACCES, ""), 401),
        (PermissionError(errno.EPERM, ""), 401),
        (OSError(errno.ENAMETOOLONG, ""), 404),
        (OSError(errno.ELOOP, ""), 404),
        (OSError(errno.EINVAL, ""), 404),
        (FileNotFoundError(errno.ENOENT, ""), 404),
        (ValueError("embedded null byte"), 404),
        (OSError(errno.EIO, ""), None),
        (OSError("no number"), None),
        (RuntimeError(), None),
    ],
)
def test_only_what_the_path_is_to_blame_for_has_a_status(
    error: Exception, status: int | None
) -> None:
    assert refusal_status(error) == status


def test_a_found_path_is_a_string_that_knows_its_original() -> None:
    assert FoundPath("/a.js") == "/a.js"
    assert FoundPath("/a.js").original == "/a.js"
    assert FoundPath("/a.js.br", "/a.js").original == "/a.js"
