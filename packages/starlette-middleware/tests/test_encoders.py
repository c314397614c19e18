"""The content codings."""

import gzip
import sys
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import httpx
import pytest
import zstandard
from hypothesis import given, strategies as st

from starlette_middleware.encoders import installed_encodings, load_encoder

DECODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


def test_installed_ones_are_in_order_of_preference() -> None:
    assert installed_encodings() == ("zstd", "br", "gzip")


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
@given(body=st.binary())
def test_whole_body_survives(coding: str, body: bytes) -> None:
    encoder = load_encoder(coding)

    assert DECODE[coding](encoder.whole(body, encoder.default_level)) == body


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
@given(chunks=st.lists(st.binary()), last=st.binary())
def test_chunks_survive(coding: str, chunks: list[bytes], last: bytes) -> None:
    encoder = load_encoder(coding)
    opened = encoder.open(encoder.default_level)
    encoded = [encoder.chunk(opened, chunk) for chunk in chunks] + [encoder.last(opened, last)]

    assert DECODE[coding](b"".join(encoded)) == b"".join(chunks) + last


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_each_chunk_can_be_decoded_at_once(coding: str) -> None:
    encoder = load_encoder(coding)
    opened = encoder.open(encoder.default_level)
    stream = httpx.Response(200, headers={"content-encoding": coding})
    decoder = stream._get_content_decoder()

    assert decoder.decode(encoder.chunk(opened, b"first")) == b"first"
    assert decoder.decode(encoder.chunk(opened, b"second")) == b"second"


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_every_level_works(coding: str) -> None:
    encoder = load_encoder(coding)

    for level in encoder.levels:
        assert DECODE[coding](encoder.whole(b"x" * 1000, level)) == b"x" * 1000
        assert DECODE[coding](encoder.last(encoder.open(level), b"x" * 1000)) == b"x" * 1000


def test_unknown_coding_is_named() -> None:
    with pytest.raises(ValueError, match="Unknown content coding 'deflate'; use one of zstd, br"):
        load_encoder("deflate")


@pytest.fixture
def without_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("brotli", "zstandard", "compression.zstd"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize(
    ("coding", "message"),
    [
        ("br", r"brotli must be installed to compress with 'br'\. Install it with: pip install"),
        ("zstd", r"pip install 'starlette-middleware\[zstd\]'$"),
    ],
)
def test_missing_library_names_the_extra(
    without_libraries: None, coding: str, message: str
) -> None:
    with pytest.raises(ImportError, match=message):
        load_encoder(coding)


@pytest.mark.usefixtures("without_libraries")
def test_missing_libraries_are_not_offered() -> None:
    assert installed_encodings() == ("gzip",)
