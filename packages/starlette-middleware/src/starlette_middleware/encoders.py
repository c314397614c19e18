"""The content codings that responses can be compressed with (RFC 9110, section 8.4.1), as data."""

import sys
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

__all__ = ["Encoder", "installed_encodings", "load_encoder"]

_GZIP_WRAPPER = 16 + zlib.MAX_WBITS
_ZSTD_MODULE = "compression.zstd" if sys.version_info >= (3, 14) else "zstandard"


class Encoder(NamedTuple):
    """How to compress with one coding: a whole body at once, or chunk by chunk.

    `chunk` flushes, so that a client can decode all that it was sent; `last` ends the stream.
    """

    coding: str
    levels: range
    default_level: int
    whole: Callable[[bytes, int], bytes]
    open: Callable[[int], Any]
    chunk: Callable[[Any, bytes], bytes]
    last: Callable[[Any, bytes], bytes]


def _gzip() -> Encoder:
    return Encoder(
        "gzip",
        levels=range(10),
        default_level=6,
        whole=lambda body, level: zlib.compress(body, level, _GZIP_WRAPPER),
        open=lambda level: zlib.compressobj(level, zlib.DEFLATED, _GZIP_WRAPPER),
        chunk=lambda opened, body: opened.compress(body) + opened.flush(zlib.Z_SYNC_FLUSH),
        last=lambda opened, body: opened.compress(body) + opened.flush(),
    )


def _brotli() -> Encoder:
    brotli = import_module("brotli")
    return Encoder(
        "br",
        levels=range(12),
        default_level=4,
        whole=lambda body, level: brotli.compress(body, quality=level),
        open=lambda level: brotli.Compressor(quality=level),
        chunk=lambda opened, body: opened.process(body) + opened.flush(),
        last=lambda opened, body: opened.process(body) + opened.finish(),
    )


def _zstd() -> Encoder:
    zstd = import_module(_ZSTD_MODULE)

    def open(level: int) -> Any:
        # The standard library's compressor is a stream; the package's has one to open.
        compressor = zstd.ZstdCompressor(level=level)
        return getattr(compressor, "compressobj", lambda: compressor)()

    flush_block = 1  # the number of this mode in both modules
    return Encoder(
        "zstd",
        # Higher levels use windows above 8 MiB, which clients may refuse (RFC 9659, section 3).
        levels=range(1, 20),
        default_level=3,
        whole=lambda body, level: zstd.compress(body, level),
        open=open,
        chunk=lambda opened, body: opened.compress(body) + opened.flush(flush_block),
        last=lambda opened, body: opened.compress(body) + opened.flush(),
    )


class _Source(NamedTuple):
    load: Callable[[], Encoder]
    module: str
    extra: str


_SOURCES = {
    "zstd": _Source(_zstd, _ZSTD_MODULE, "zstd"),
    "br": _Source(_brotli, "brotli", "brotli"),
    "gzip": _Source(_gzip, "zlib", ""),
}


def load_encoder(coding: str) -> Encoder:
    """Give the encoder of "zstd", "br" or "gzip".

    Raises `ValueError` for any other coding, and `ImportError` if its library is not installed.
    """
    if coding not in _SOURCES:
        raise ValueError(f"Unknown content coding {coding!r}; use one of {', '.join(_SOURCES)}.")
    source = _SOURCES[coding]
    try:
        return source.load()
    except ImportError as exc:
        raise ImportError(
            f"{source.module} must be installed to compress with {coding!r}."
            f" Install it with: pip install 'starlette-middleware[{source.extra}]'"
        ) from exc


def installed_encodings() -> tuple[str, ...]:
    """Give the codings whose libraries are installed, best compression for the time first."""
    return tuple(filter(_is_installed, _SOURCES))


def _is_installed(coding: str) -> bool:
    try:
        load_encoder(coding)
    except ImportError:
        return False
    return True
