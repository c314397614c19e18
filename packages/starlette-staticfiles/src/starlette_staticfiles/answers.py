"""How static files are answered: with a file, with the news that it is known, or with a refusal."""

import os
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any

from starlette_http.conditional import precondition_status
from starlette_http.exception_handling import watch_start
from starlette_http.exceptions import HTTPException
from starlette_http.files import FileResponse
from starlette_http.headers import Headers, encode_name
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import Receive, Scope, Send

from .lookup import FoundPath, open_found, open_found_cached, refusal_status

__all__ = [
    "NotModifiedResponse",
    "StaticFileResponse",
    "close_or_refuse",
    "is_not_modified",
    "is_one_message",
    "respond",
    "unless_known",
]


class NotModifiedResponse(Response):
    """304 without a body, with those of the full answer's `headers` that caches need."""

    NOT_MODIFIED_HEADERS = (
        "cache-control",
        "content-location",
        "date",
        "etag",
        "expires",
        "vary",
    )

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__(status_code=304)
        kept = _encoded(tuple(self.NOT_MODIFIED_HEADERS))
        given = headers.raw if isinstance(headers, Headers) else Headers(headers).raw
        self.raw_headers.extend(pair for pair in given if pair[0] in kept)


@lru_cache(maxsize=16)
def _encoded(names: tuple[str, ...]) -> frozenset[bytes]:
    return frozenset(map(encode_name, names))


class StaticFileResponse(FileResponse):
    """A file as it was found: if another takes its place before it is opened, that is a 404.

    The answer to `scope` itself is sent from memory, where the content was read with the lookup.
    """

    stat_result: os.stat_result

    def __init__(
        self,
        path: str,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int,
        headers: Mapping[str, str] | None,
        media_type: str,
    ) -> None:
        super().__init__(path, status_code, headers, media_type, stat_result=stat_result)
        content = path.content if isinstance(path, FoundPath) else None
        self._loaded_for = None if content is None else scope
        self.body: bytes | memoryview = content or b""
        if isinstance(path, FoundPath):
            self._describe(path)

    def _describe(self, found: FoundPath) -> None:
        if found.etag is not None:
            self.headers["etag"] = found.etag
        if found.coding is not None:
            self.headers["content-encoding"] = found.coding
            # Not the tag of the original, which may well be of the same size and second.
            self.headers["etag"] = f'{self.headers["etag"][:-1]}-{found.coding}"'
        for name in found.vary:
            self.headers.add_vary_header(name)

    def open_file(self) -> int:
        """Open the file that was found, and no other."""
        try:
            return open_found(os.fspath(self.path), self.stat_result)
        except OSError as exc:
            status = refusal_status(exc)
            if status is None:
                raise
            raise HTTPException(status) from exc

    def open_cached_file(self) -> tuple[int, os.stat_result] | None:
        """The same on the event loop, if all is in memory."""
        return open_found_cached(os.fspath(self.path), self.stat_result)

    async def __call__(self, *args: Any, **kwargs: Any) -> None:
        if args and args[0] is self._loaded_for:
            await Response.__call__(self, *args, **kwargs)
        else:
            await super().__call__(*args, **kwargs)


def is_one_message(status: os.stat_result, scope: Scope) -> bool:
    """Whether the content is all that will be sent, and goes into one message."""
    if status.st_size >= FileResponse.chunk_size:
        return False
    if scope["method"] != "GET" or "http.response.pathsend" in (scope.get("extensions") or ()):
        return False
    return not [name for name, _ in scope["headers"] if name in _NARROWING]


_NARROWING = {
    b"range",
    b"if-range",
    b"if-match",
    b"if-none-match",
    b"if-modified-since",
    b"if-unmodified-since",
}
"""The headers that may ask for less than the whole file."""


def is_not_modified(response_headers: Headers, request_headers: Headers) -> bool:
    """Whether the client has what it asks for, so that a GET is a 304 (RFC 9110, section 13)."""
    etag, last_modified = response_headers.get("etag"), response_headers.get("last-modified")
    return precondition_status("GET", request_headers, etag, last_modified) == 304


def unless_known(
    response: Response, scope: Scope, is_not_modified: Callable[[Headers, Headers], bool]
) -> Response:
    """The response, or 304 in its place; an HTTPException 412 if a precondition does not hold."""
    headers, request = response.headers, Headers(scope=scope)
    if [name for name, _ in request.raw if name in _FORBIDDING]:
        etag, last_modified = headers.get("etag"), headers.get("last-modified")
        if precondition_status(scope["method"], request, etag, last_modified) == 412:
            raise HTTPException(412)
    return NotModifiedResponse(headers) if is_not_modified(headers, request) else response


_FORBIDDING = {b"if-match", b"if-unmodified-since"}


async def close_or_refuse(scope: Scope, send: Send) -> None:
    """Close a websocket; AssertionError for any other scope that is not http."""
    if scope["type"] != "websocket":
        raise AssertionError(f"Static files answer http requests, not {scope['type']!r}.")
    await send({"type": "websocket.close", "code": 1000, "reason": ""})


async def respond(
    response: Awaitable[Response], scope: Scope, receive: Receive, send: Send
) -> None:
    """Send the response, and answer an HTTPException unless somebody around us does.

    Who does has put a table of handlers into the scope that knows this HTTPException.
    """
    by_class, _ = scope.get("starlette.exception_handlers") or ((), ())
    if HTTPException in by_class:
        await (await response)(scope, receive, send)
        return
    watch = watch_start(send)
    try:
        await (await response)(scope, receive, watch)
    except HTTPException as exc:
        if watch.started:
            raise
        refusal = PlainTextResponse(str(exc.detail), exc.status_code, exc.headers)
        await refusal(scope, receive, send)
