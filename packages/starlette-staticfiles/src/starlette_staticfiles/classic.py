"""The classic `StaticFile(path)`: an application that is one file."""

import os
import stat

from starlette_http.concurrency import run_in_threadpool
from starlette_http.headers import Headers
from starlette_http.page_cache import admit
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import Receive, Scope, Send

from .answers import (
    StaticFileResponse,
    close_or_refuse,
    is_not_modified,
    is_one_message,
    respond,
    unless_known,
)
from .lookup import FoundPath, NotInMemory, read_found, read_found_cached, stat_cached
from .media_types import media_type_of

__all__ = ["StaticFile"]


class StaticFile:
    """An ASGI application that answers every path with the file at `path`.

    Methods other than GET and HEAD are answered 406 "Method not allowed". The file is looked for
    with each request: RuntimeError if it is missing, or no regular file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await close_or_refuse(scope, send)
        elif scope["method"] not in ("GET", "HEAD"):
            refusal = PlainTextResponse("Method not allowed", 406)
            await refusal(scope, receive, send)
        else:
            await respond(self._get_response(scope), scope, receive, send)

    async def _get_response(self, scope: Scope) -> Response:
        Headers(scope=scope)  # which makes a list of what may be an iterator
        try:
            found, status = self._find_cached(scope)
        except NotInMemory:
            found, status = await run_in_threadpool(self._find, scope)
        media_type = media_type_of(found, {})
        response = StaticFileResponse(found, status, scope, 200, None, media_type)
        return unless_known(response, scope, is_not_modified)

    def _find(self, scope: Scope) -> tuple[FoundPath, os.stat_result]:
        found = FoundPath(os.fspath(self.path))
        try:
            status = os.stat(found)
        except FileNotFoundError:
            raise RuntimeError(f"StaticFile at path '{self.path}' does not exist.") from None
        if not stat.S_ISREG(status.st_mode):
            raise RuntimeError(f"StaticFile at path '{self.path}' is not a file.")
        admit(found, status)
        if is_one_message(status, scope):
            found.content = read_found(found, status)
        return found, status

    def _find_cached(self, scope: Scope) -> tuple[FoundPath, os.stat_result]:
        found = FoundPath(os.fspath(self.path))
        status = stat_cached(found)
        if not stat.S_ISREG(status.st_mode):
            raise NotInMemory
        if is_one_message(status, scope):
            found.content = read_found_cached(found, status)
        return found, status
