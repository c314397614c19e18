"""`GZipMiddleware`: compress responses with gzip (RFC 1952) for clients that accept it.

1. It compresses when Accept-Encoding allows gzip by its quality values (RFC 9110, section 12.5.3).
2. A response is left alone when it is shorter than `minimum_size`, is encoded already, is partial
   (206), has an excluded type, forbids it (`Cache-Control: no-transform`), or is a file that the
   server sends by its path.
3. Streamed chunks are flushed one by one, so a slow stream stays a stream.
4. What could be compressed says `Vary: Accept-Encoding`, for every client. What is compressed has
   a weak ETag and no Accept-Ranges: its bytes are those of one encoding among others.

Limits: a compressed page that holds both a secret and text chosen by an attacker can leak the
secret through its length (BREACH); keep the two apart, or exclude such pages.
"""

from collections.abc import Collection

from starlette_http.negotiation import preferred_encoding
from starlette_http.types import ASGIApp, Receive, Scope, Send

from .encoders import load_encoder
from .messages import join_header, request_headers
from .responders import (
    DEFAULT_EXCLUDED_CONTENT_TYPES,
    EncodingResponder,
    IdentityResponder,
    MediaTypes,
    unattached_send,
)

__all__ = [
    "DEFAULT_EXCLUDED_CONTENT_TYPES",
    "GZipMiddleware",
    "GZipResponder",
    "IdentityResponder",
    "unattached_send",
]

_GZIP = load_encoder("gzip")
_OFFERED = (_GZIP.coding,)


class GZipMiddleware:
    """Compress responses with gzip.

    - `minimum_size`: bytes below which a response is not worth it. A stream is always compressed.
    - `compresslevel`: 0 to 9. The default is the slowest: 4 to 6 give nearly the same size in a
      fifth of the time.
    - `thread_minimum_size`: bytes from which a body, or a chunk, is compressed in a worker thread.
    - `exclude_content_types`: media types, or ranges such as "image/*", to leave alone.
    """

    def __init__(
        self,
        app: ASGIApp,
        minimum_size: int = 500,
        compresslevel: int = 9,
        thread_minimum_size: int = 131072,
        *,
        exclude_content_types: Collection[str] = DEFAULT_EXCLUDED_CONTENT_TYPES,
    ) -> None:
        self.app = app
        self.minimum_size = minimum_size
        self.compresslevel = compresslevel
        self.thread_minimum_size = thread_minimum_size
        self.exclude_content_types: MediaTypes = MediaTypes(exclude_content_types)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; an http response goes through a responder of its own."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        accepted = join_header(request_headers(scope), b"accept-encoding")
        responder: IdentityResponder
        if preferred_encoding(accepted, _OFFERED):
            responder = GZipResponder(
                self.app,
                self.minimum_size,
                self.compresslevel,
                thread_minimum_size=self.thread_minimum_size,
                exclude_content_types=self.exclude_content_types,
            )
        else:
            responder = IdentityResponder(
                self.app, self.minimum_size, exclude_content_types=self.exclude_content_types
            )
        await responder(scope, receive, send)


class GZipResponder(EncodingResponder):
    """Send one response compressed with gzip."""

    content_encoding = "gzip"

    def __init__(
        self,
        app: ASGIApp,
        minimum_size: int,
        compresslevel: int = 9,
        *,
        thread_minimum_size: int = 131072,
        exclude_content_types: Collection[str] = DEFAULT_EXCLUDED_CONTENT_TYPES,
    ) -> None:
        super().__init__(
            app,
            minimum_size,
            encoder=_GZIP,
            level=compresslevel,
            thread_minimum_size=thread_minimum_size,
            exclude_content_types=exclude_content_types,
        )
        self.compresslevel = compresslevel
