"""Open and read files on the event loop, as far as the kernel has them in memory.

To look up, open and read a small file that is in the kernel's caches takes microseconds; the way to
a worker thread and back takes ten times as long. But nobody can know beforehand whether a path or a
block is cached, and the event loop must not wait for a disk, or for the server of a network file
system. Linux takes question and deed as one, and says EAGAIN where it would have to wait:

1. openat2(2) with RESOLVE_CACHED opens a file if every name of the path is in the dentry cache.
2. preadv2(2) with RWF_NOWAIT reads what is in the page cache.

To look names up is harmless, to open what they lead to need not be: a network or FUSE file system
asks its server, a pipe lets its waiting writer go on, a device may do anything. Therefore only
paths that were `admit`ted are opened here: a worker thread has found a regular file or a directory
there, on a file system whose names and attributes are in memory once they were asked for.

Whatever does not work here is None: for a file that is not cached, another system, an old kernel,
a seccomp filter. The caller then goes to a worker thread, and finds the file, or the error, there.
"""

import os
import stat
import sys
import threading
from collections.abc import Callable
from functools import cache
from struct import pack

__all__ = [
    "ADMITTED",
    "LARGEST_BLOCK",
    "REFUSED_DEVICES",
    "admit",
    "open_cached",
    "read_cached",
    "system_calls",
]

LARGEST_BLOCK = 256 * 1024
"""How many bytes `read_cached` gives at most: the copying holds the event loop."""

ADMITTED: dict[str, bytes] = {}
"""The paths that `open_cached` tries, and how the system spells them; forgotten when it is full."""

REFUSED_DEVICES: set[int] = set()
"""Where nothing is admitted from, by `st_dev`; so that a server is not asked about each file."""

_MOST_ADMITTED = 4096

# struct open_how of <linux/openat2.h>, and the number of the call, which all machines share.
_OPENAT2 = 437
_AT_FDCWD = -100
_RESOLVE_NO_SYMLINKS = 0x04
_RESOLVE_CACHED = 0x20
_SIZE_OF_HOW = 24

# By the f_type of statfs(2).
_FILE_SYSTEMS_IN_MEMORY = {
    0xEF53,  # ext2, ext3, ext4
    0x1021994,  # tmpfs
    0x58465342,  # XFS
    0x794C7630,  # overlayfs, as in containers
    0x9123683E,  # Btrfs
    0xF2F52010,  # F2FS
}


def _how(resolve: int) -> bytes:
    # A pipe that took the place of the file must not block.
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
    return pack("=QQQ", flags, 0, _RESOLVE_CACHED | resolve)


_FOLLOW = _how(0)
_NO_LINKS = _how(_RESOLVE_NO_SYMLINKS)


def open_cached(path: str, *, links: bool = True) -> tuple[int, os.stat_result] | None:
    """A descriptor to read what is at an admitted path, and its status; None to ask in a thread.

    Without `links` it is None where any part of the path is a symbolic link.
    """
    name = ADMITTED.get(path)
    if name is None:
        return None
    openat2, _ = system_calls()
    descriptor = openat2(_OPENAT2, _AT_FDCWD, name, _FOLLOW if links else _NO_LINKS, _SIZE_OF_HOW)
    if descriptor < 0:
        return None
    status = os.fstat(descriptor)
    if not _is_file_or_directory(status):
        os.close(descriptor)
        ADMITTED.pop(path, None)
        return None
    return descriptor, status


def read_cached(descriptor: int, size: int, offset: int) -> bytes | None:
    """The `size` bytes of a file from `offset` on; None to read what there is in a thread."""
    if not 0 <= size <= LARGEST_BLOCK:
        return None
    block = _scratch.block[:size]
    try:
        length = os.preadv(descriptor, (block,), offset, os.RWF_NOWAIT)
    except (AttributeError, OSError):  # not on this system, not on its file system, or not cached
        return None
    return block.tobytes() if length == size else None


def admit(path: str, status: os.stat_result) -> None:
    """Have `open_cached` try this path from now on, if that never waits for more than memory.

    Blocks: it is for the worker thread that has just found something of this status there.
    """
    if path in ADMITTED or sys.platform != "linux" or not _is_file_or_directory(status):
        return
    name = os.fsencode(path)
    if _is_in_memory(name, status.st_dev) and _can_be_opened(name):
        if len(ADMITTED) >= _MOST_ADMITTED:
            ADMITTED.clear()
        ADMITTED[path] = name


def _is_file_or_directory(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)


def _is_in_memory(name: bytes, device: int) -> bool:
    if device in REFUSED_DEVICES:
        return False
    _, file_system = system_calls()
    kind = file_system(name)
    if kind and kind not in _FILE_SYSTEMS_IN_MEMORY:
        REFUSED_DEVICES.add(device)
    return kind in _FILE_SYSTEMS_IN_MEMORY


def _can_be_opened(name: bytes) -> bool:
    openat2, _ = system_calls()
    descriptor = openat2(_OPENAT2, _AT_FDCWD, name, _FOLLOW, _SIZE_OF_HOW)
    if descriptor >= 0:
        os.close(descriptor)
    return descriptor >= 0


@cache
def system_calls() -> tuple[Callable[..., int], Callable[[bytes], int]]:
    """`openat2`, and a function for the type of a path's file system: Python has neither."""
    try:
        import ctypes  # not before a file is served: it takes longer to import than we do
    except ImportError:  # a Python that was built without it
        return (lambda *args: -1), (lambda path: 0)
    # The first call never waits, and need not let other threads run meanwhile.
    openat2, statfs = ctypes.PyDLL(None).syscall, ctypes.CDLL(None).statfs
    string = ctypes.c_char_p
    openat2.argtypes = [ctypes.c_long, ctypes.c_int, string, string, ctypes.c_size_t]
    openat2.restype = ctypes.c_long

    def file_system(path: bytes) -> int:
        answer = (ctypes.c_long * 64)()  # struct statfs begins with f_type, which is a long
        return answer[0] & 0xFFFFFFFF if statfs(path, answer) == 0 else 0

    return openat2, file_system


class _Scratch(threading.local):
    """Where blocks are read to: each thread has a place of its own, used again for each block."""

    def __init__(self) -> None:
        self.block = memoryview(bytearray(LARGEST_BLOCK))


_scratch = _Scratch()
