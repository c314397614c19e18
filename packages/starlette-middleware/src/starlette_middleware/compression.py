"""`CompressionMiddleware`: compress responses with zstd, brotli or gzip, as each client prefers.

The rules are those of `GZipMiddleware`, with more than one coding to choose from: the best quality
value in Accept-Encoding wins, and among equals the first of `encodings`.

    app = CompressionMiddleware(app, levels={"br": 5})

gzip is always there. zstd (RFC 8878) comes with Python 3.14, before that with the extra `zstd`;
brotli (RFC 7932) with the extra `brotli`:

    pip install 'starlette-middleware[brotli,zstd]'
"""

from collections.abc import Collection, Mapping, Sequence

from starlette_http.negotiation import preferred_encoding
from starlette_http.types import ASGIApp, Receive, Scope, Send

from .encoders import Encoder, installed_encodings, load_encoder
from .messages import join_header, request_headers
from .responders import (
    DEFAULT_EXCLUDED_CONTENT_TYPES,
    EncodingResponder,
    IdentityResponder,
    MediaTypes,
)

__all__ = ["CompressionMiddleware"]


class CompressionMiddleware:
    """Compress responses with the content coding that suits the client best.

    - `encodings`: the codings to offer, of "zstd", "br" and "gzip", preferred ones first. None
      offers all that are installed, in this order. `ImportError` for one that is not.
    - `levels`: the level of a coding, where the default (zstd 3, br 4, gzip 6) does not suit.
    - `minimum_size`: bytes below which a response is not worth it. A stream is always compressed.
    - `thread_minimum_size`: bytes from which a body, or a chunk, is compressed in a worker thread.
    - `exclude_content_types`: media types, or ranges such as "image/*", to leave alone.

    Raises `ValueError` for an unknown coding, or a level that its coding does not have.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        encodings: Sequence[str] | None = None,
        levels: Mapping[str, int] | None = None,
        minimum_size: int = 500,
        thread_minimum_size: int = 131072,
        exclude_content_types: Collection[str] = DEFAULT_EXCLUDED_CONTENT_TYPES,
    ) -> None:
        self.app = app
        self.encodings: tuple[str, ...] = tuple(
            installed_encodings() if encodings is None else encodings
        )
        self.minimum_size = minimum_size
        self.thread_minimum_size = thread_minimum_size
        self.exclude_content_types: MediaTypes = MediaTypes(exclude_content_types)
        self._encoders = {coding: load_encoder(coding) for coding in self.encodings}
        self._levels = _checked_levels(self._encoders, levels or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; an http response goes through a responder of its own."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        accepted = join_header(request_headers(scope), b"accept-encoding")
        coding = preferred_encoding(accepted, self.encodings)
        responder: IdentityResponder
        if coding is None:
            responder = IdentityResponder(
                self.app, self.minimum_size, exclude_content_types=self.exclude_content_types
            )
        else:
            responder = EncodingResponder(
                self.app,
                self.minimum_size,
                encoder=self._encoders[coding],
                level=self._levels[coding],
                thread_minimum_size=self.thread_minimum_size,
                exclude_content_types=self.exclude_content_types,
            )
        await responder(scope, receive, send)


def _checked_levels(encoders: Mapping[str, Encoder], levels: Mapping[str, int]) -> dict[str, int]:
    for coding, level in levels.items():
        if coding not in encoders:
            raise ValueError(f"Level for {coding!r}, which is not among the encodings offered.")
        possible = encoders[coding].levels
        if level not in possible:
            raise ValueError(
                f"{coding!r} has no level {level!r}; use {possible[0]} to {possible[-1]}."
            )
    return {coding: encoder.default_level for coding, encoder in encoders.items()} | dict(levels)
