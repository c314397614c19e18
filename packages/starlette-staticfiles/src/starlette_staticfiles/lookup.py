"""Find a file beneath a directory, whatever the path says and whoever moves links meanwhile.

1. A path is followed downwards from the directory, one part at a time, each part looked up in the
   directory that was opened for the part before it, and never through a link. What is found that
   way lies inside, and no link that is swapped underneath can change it.
2. Only where a link is in the way, or the path is not in its shortest form, the whole path is
   resolved first. What it resolves to must lie inside, and is then followed as in 1.
3. What was found is opened once, and must be the very file that was found.

Where the system cannot look names up in an opened directory (Windows), the resolved path is
looked up as a whole instead. The functions block, and are meant for a worker thread; those that
are called `..._cached` give the same on the event loop, if the kernel has all of it in memory and
no link is in the way.
"""

import errno
import os
import stat
from typing import Any, Protocol

from starlette_http.page_cache import admit, open_cached, read_cached

__all__ = [
    "CAN_WALK",
    "FoundPath",
    "Identified",
    "NotInMemory",
    "find",
    "find_cached",
    "is_refused",
    "open_found",
    "open_found_cached",
    "read_found",
    "read_found_cached",
    "refusal_status",
    "stat_by_name",
    "stat_by_walking",
    "stat_cached",
]

CAN_WALK = hasattr(os, "O_NOFOLLOW") and {os.open, os.stat} <= os.supports_dir_fd

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
# O_PATH (Linux) passes through directories that may be entered and not listed.
_DIRECTORY = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_PATH", os.O_RDONLY)
# A pipe that took the place of the file must not block the thread.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_IN_THE_WAY = {errno.ELOOP, errno.ENOTDIR}  # what systems call a link that O_NOFOLLOW met
_ROUNDABOUT = {"", os.curdir, os.pardir}


# How the client is told what the system said about the path that it asked for.
_REFUSALS = {
    errno.EACCES: 401,
    errno.EPERM: 401,
    errno.EINVAL: 404,  # Windows, of names with characters that it does not allow
    errno.ELOOP: 404,
    errno.ENAMETOOLONG: 404,
    errno.ENOENT: 404,
}


class NotInMemory(Exception):
    """The kernel may have to ask a disk: a worker thread has to find out."""


class Identified(Protocol):
    """What tells one file from every other: part of its status."""

    @property
    def st_dev(self) -> int: ...
    @property
    def st_ino(self) -> int: ...
    @property
    def st_mode(self) -> int: ...


def _identity(status: Identified) -> tuple[int, int, int]:
    # With the kind of file: a pipe may be given the number of the file that was just deleted.
    return status.st_dev, status.st_ino, stat.S_IFMT(status.st_mode)


class FoundPath(str):
    """The full path of a file that was found: a str that carries what else was learned.

    It goes wherever the path goes, so that whatever is overridden on the way passes it on.
    """

    original: str
    """The file that was asked for, where this is a compressed sibling of it."""
    coding: str | None = None
    """The content coding of this file."""
    vary: tuple[str, ...] = ()
    """The request headers that had a part in choosing this file."""
    etag: str | None = None
    content: bytes | None = None

    def __new__(cls, path: str, original: str | None = None) -> "FoundPath":
        found = super().__new__(cls, path)
        found.original = original or path
        return found


def is_refused(path: str, windows: bool = os.name == "nt") -> bool:
    """Whether a path is absolute on any system, or on Windows names a drive or a stream."""
    return path.startswith(("/", "\\")) or (windows and ":" in path)


def find(
    directory: str | os.PathLike[str], path: str, follow_symlink: bool = False
) -> tuple[str, os.stat_result] | None:
    """The full path and the status of what is at `path` in the directory; None if nothing is.

    With `follow_symlink` links may lead out of the directory, otherwise what they lead to must lie
    inside. ValueError for a path that no file can have (NUL), OSError as the system raises it.
    """
    if "\0" in path:
        raise ValueError("A path must not contain NUL.")
    try:
        found = (_find_by_name if follow_symlink else _find_inside)(os.fspath(directory), path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if found is not None:
        admit(_full_name(directory, path, follow_symlink), found[1])
        admit(*found)
    return found


def find_cached(
    directory: str | os.PathLike[str], path: str, follow_symlink: bool = False
) -> tuple[str, os.stat_result]:
    """What `find` gives, on the event loop; NotInMemory to call that."""
    if os.pardir in path or is_refused(path):
        raise NotInMemory
    # Without `..` in the path, and links in all of it, what the name says is where it leads.
    name = _full_name(directory, path, follow_symlink)
    return os.path.abspath(name), stat_cached(name, follow_symlink)


def stat_cached(path: str, follow_symlink: bool = True) -> os.stat_result:
    """The status of a file or directory, on the event loop; NotInMemory to have a thread ask."""
    opened = open_cached(path, links=follow_symlink)
    if opened is None:
        raise NotInMemory
    os.close(opened[0])
    return opened[1]


def _full_name(directory: str | os.PathLike[str], path: str, follow_symlink: bool) -> str:
    name = f"{os.fspath(directory)}{os.sep}{path}"
    # With links, `..` is taken by its name as well.
    return os.path.abspath(name) if follow_symlink else name


def _find_by_name(directory: str, path: str) -> tuple[str, os.stat_result] | None:
    root = os.path.abspath(directory)
    full_path = os.path.abspath(os.path.join(root, path))
    if os.path.commonpath([root, full_path]) != root:
        return None
    return full_path, os.stat(full_path)


def _find_inside(directory: str, path: str) -> tuple[str, os.stat_result] | None:
    root = os.path.realpath(directory)
    parts = path.split(os.sep)
    if CAN_WALK and _ROUNDABOUT.isdisjoint(parts):
        found = _without_links(stat_by_walking, root, parts)
        if found is not None:
            return os.path.join(root, path), found
    full_path = os.path.realpath(os.path.join(root, path))
    if os.path.commonpath([root, full_path]) != root:
        return None
    resolved = [] if full_path == root else os.path.relpath(full_path, root).split(os.sep)
    found = _without_links(stat_by_walking if CAN_WALK else stat_by_name, root, resolved)
    return None if found is None else (full_path, found)


def _without_links(look: Any, root: str, parts: list[str]) -> os.stat_result | None:
    try:
        status: os.stat_result = look(root, parts)
    except OSError as exc:
        if exc.errno in _IN_THE_WAY:
            return None
        raise
    return None if stat.S_ISLNK(status.st_mode) else status


def stat_by_walking(root: str, parts: list[str]) -> os.stat_result:
    """The status of what is at `parts` beneath `root`, itself perhaps a link, reached through none.

    A link on the way is an OSError, ELOOP or ENOTDIR.
    """
    directory = os.open(root, _DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _DIRECTORY | _NO_FOLLOW, dir_fd=directory)
            os.close(directory)
            directory = inner
        if not parts:
            return os.fstat(directory)
        return os.stat(parts[-1], dir_fd=directory, follow_symlinks=False)
    finally:
        os.close(directory)


def stat_by_name(root: str, parts: list[str]) -> os.stat_result:
    """The same with nothing but the names: a link on the way is followed."""
    return os.lstat(os.path.join(root, *parts))


def open_found(full_path: str, found: Identified) -> int:
    """A descriptor to read the file that was found; FileNotFoundError if another is there now."""
    descriptor = os.open(full_path, _READ)
    if _identity(os.fstat(descriptor)) != _identity(found):
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "Another file has taken its place", full_path)
    return descriptor


def open_found_cached(full_path: str, found: Identified) -> tuple[int, os.stat_result] | None:
    """The same on the event loop, with the status; None to call `open_found`, which may refuse."""
    opened = open_cached(full_path)
    if opened is not None and _identity(opened[1]) != _identity(found):
        os.close(opened[0])
        return None
    return opened


def read_found(full_path: str, found: os.stat_result) -> bytes | None:
    """The content of the file that was found; None if it is changing just now."""
    with open(open_found(full_path, found), "rb", buffering=0) as file:
        content = file.read(found.st_size + 1)
    return content if len(content) == found.st_size else None


def read_found_cached(full_path: str, found: os.stat_result) -> bytes:
    """The same on the event loop; NotInMemory to call `read_found`."""
    opened = open_found_cached(full_path, found)
    if opened is None:
        raise NotInMemory
    content = read_cached(opened[0], found.st_size, 0)
    os.close(opened[0])
    if content is None:
        raise NotInMemory
    return content


def refusal_status(error: Exception) -> int | None:
    """The status that answers an error of the lookup; None for one that is no fault of the path."""
    if isinstance(error, OSError):
        return _REFUSALS.get(error.errno or 0)
    return 404 if isinstance(error, ValueError) else None
