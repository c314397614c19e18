"""What caches are told about a file: hashed names, entity tags of the content."""

import hashlib
import os
import re
from functools import lru_cache
from typing import NamedTuple

from .lookup import open_found

__all__ = ["IMMUTABLE", "content_tag", "is_hashed_name"]

IMMUTABLE = "public, max-age=31536000, immutable"
"""Cache-Control of a file whose name changes with its content: a year, never to be asked again."""

# Digits alone are a date as often as a hash, and letters alone a word.
_hash = re.compile(r"[.-](?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,}\.[^/\\]+$").search


def is_hashed_name(path: str) -> bool:
    """Whether the file has a hash in its name, before the extension: `app.3f2a1c9b.js`.

    A hash is eight or more lower-case hexadecimal digits, some of them letters and some not, after
    a dot or a hyphen. Tools with other alphabets need a rule of their own.
    """
    return _hash(path) is not None


class _Version(NamedTuple):
    """A file with a given content, as far as the file system tells."""

    st_dev: int
    st_ino: int
    st_mode: int
    st_mtime_ns: int
    st_size: int


def content_tag(full_path: str, found: os.stat_result) -> str:
    """A strong entity tag of the content. Blocks, and reads the file anew only when it changes."""
    modified = found.st_mtime_ns
    version = _Version(found.st_dev, found.st_ino, found.st_mode, modified, found.st_size)
    return _content_tag(full_path, version)


@lru_cache(maxsize=4096)
def _content_tag(full_path: str, version: _Version) -> str:
    with open(open_found(full_path, version), "rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    return f'"{digest.hexdigest()}"'
