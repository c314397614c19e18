"""Compressed siblings: `app.js.br`, `app.js.zst`, `app.js.gz` beside `app.js`.

1. The client's Accept-Encoding decides (RFC 9110, section 12.5.3), by weights; among codings that
   it likes equally, Brotli comes before zstd before gzip.
2. A sibling must be a regular file, and not older than the original (in whole seconds, as copying
   and unpacking do not keep more): a stale one is left alone.
3. The answer has the media type of the original, the sibling's own entity tag, and `Vary`.
"""

import os
import stat
from collections.abc import Callable

from starlette_http.negotiation import preferred_encoding

__all__ = ["SUFFIXES", "choose_sibling"]

SUFFIXES = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}

LookUp = Callable[[str], tuple[str, os.stat_result | None]]


def choose_sibling(
    look_up: LookUp, path: str, original: os.stat_result, accept_encoding: str | None
) -> tuple[str, str, os.stat_result] | None:
    """The coding, full path and status of the best sibling of `path`; None to send the original."""
    offered = list(SUFFIXES)
    while coding := preferred_encoding(accept_encoding, offered):
        full_path, status = look_up(path + SUFFIXES[coding])
        if status is not None and _stands_for(status, original):
            return coding, full_path, status
        offered.remove(coding)
    return None


def _stands_for(sibling: os.stat_result, original: os.stat_result) -> bool:
    return stat.S_ISREG(sibling.st_mode) and int(sibling.st_mtime) >= int(original.st_mtime)
