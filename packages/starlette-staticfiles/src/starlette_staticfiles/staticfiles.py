"""Serve the files of a directory, as an ASGI application.

    app = StaticFiles("statics")
    app = Mount("/static", StaticFiles(directory="statics", packages=["bootstrap4"]))

What the kernel has in memory is looked up and read on the event loop, once a worker thread has done
so (see `starlette_http.page_cache`). Else a request costs one hop to a worker thread, in which the
file is looked up, and a small one read; a larger one is read in a few more. What is found lies
inside the directory (see `lookup`).
"""

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import TypeGuard

from starlette_http.concurrency import run_in_threadpool
from starlette_http.exceptions import HTTPException
from starlette_http.headers import Headers
from starlette_http.negotiation import names_media_type
from starlette_http.paths import get_route_path
from starlette_http.response import RedirectResponse, Response
from starlette_http.types import Receive, Scope, Send
from starlette_http.urls import URL

from .answers import (
    NotModifiedResponse,
    StaticFileResponse,
    close_or_refuse,
    is_not_modified,
    is_one_message,
    respond,
    unless_known,
)
from .caching import content_tag
from .classic import StaticFile
from .lookup import (
    FoundPath,
    NotInMemory,
    find,
    find_cached,
    is_refused,
    read_found,
    read_found_cached,
    refusal_status,
)
from .media_types import media_type_of
from .options import HeadersFor, Options
from .variants import LookUp, choose_sibling

__all__ = ["NotModifiedResponse", "PathLike", "StaticFile", "StaticFiles"]

PathLike = str | os.PathLike[str]
Packages = Sequence[str | tuple[str, str]]

_Answer = tuple[int, str, os.stat_result | None]
Read = Callable[[str, os.stat_result], bytes | None]
_NOTHING: tuple[str, None] = ("", None)


class StaticFiles:
    """An ASGI application that serves the files of one or more directories.

    `directory` and, in order, the directories of `packages` (`"package"` means its folder
    `statics`, `("package", "folder")` another) are searched; the first that has anything at the
    path decides. With `html` a directory is answered with its `index.html`, and what is not found
    with `404.html`. `check_dir` looks for the directory at construction (RuntimeError).
    With `follow_symlink` links may lead out of the directories.

    Keywords beyond that, all off by default:

    * `precompressed`: serve `app.js.br`, `.zst` or `.gz` in place of `app.js` to clients that
      accept it, where there is one not older than the original.
    * `cache_control`: the Cache-Control of every file.
    * `immutable`: True tells caches never to ask again for a file with a hash in its name, such as
      `app.3f2a1c9b.js`; a callable that takes the file's full path decides by its own rule.
    * `headers`: more headers for every file, or a callable from its full path to them, which may
      give None. They win over the others.
    * `fallback`: the file that answers navigation to a path that is none, as single-page
      applications need it: where the client asks for text/html by name, and the last part of the
      path has no dot. A missing asset stays a 404.
    * `media_types`: extension to media type, such as `{".vrm": "model/gltf-binary"}`.
    * `content_etag`: entity tags are hashes of the content, not of time and size: the same on all
      machines, and another after each change. Each file is read once for it.

    Answers 404, 405 and the like itself, unless it runs inside an application that does.
    """

    def __init__(
        self,
        directory: PathLike | None = None,
        *,
        packages: Packages | None = None,
        html: bool = False,
        check_dir: bool = True,
        follow_symlink: bool = False,
        precompressed: bool = False,
        cache_control: str | None = None,
        immutable: bool | Callable[[str], object] = False,
        headers: Mapping[str, str] | HeadersFor | None = None,
        fallback: str | None = None,
        media_types: Mapping[str, str] | None = None,
        content_etag: bool = False,
    ) -> None:
        self.directory = directory
        self.packages = packages
        self.all_directories: list[PathLike] = self.get_directories(directory, packages)
        self.html = html
        self.config_checked: bool = False
        self.follow_symlink = follow_symlink
        self._options = Options(
            precompressed,
            cache_control,
            immutable,
            headers,
            fallback,
            media_types or {},
            content_etag,
        )
        if check_dir and directory is not None and not os.path.isdir(directory):
            raise RuntimeError(f"Directory '{directory}' does not exist")

    def get_directories(
        self, directory: PathLike | None = None, packages: Packages | None = None
    ) -> list[PathLike]:
        """The directories to search, in order. AssertionError for a package that has none."""
        directories = [] if directory is None else [directory]
        for entry in packages or ():
            package, folder = (entry, "statics") if isinstance(entry, str) else entry
            directories.append(_directory_of(package, folder))
        return directories

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await close_or_refuse(scope, send)
            return
        if not self.config_checked:
            await self.check_config()
            self.config_checked = True
        path = self.get_path(scope)
        await respond(self.get_response(path, scope), scope, receive, send)

    async def check_config(self) -> None:
        """Check that `directory` is one; RuntimeError if not. Runs before the first answer."""
        if self.directory is None:
            return
        try:
            mode = (await run_in_threadpool(os.stat, self.directory)).st_mode
        except FileNotFoundError:
            raise RuntimeError(
                f"StaticFiles directory '{self.directory}' does not exist."
            ) from None
        if not (stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
            raise RuntimeError(f"StaticFiles path '{self.directory}' is not a directory.")

    def get_path(self, scope: Scope) -> str:
        """The path of the request beneath the mount, with the system's separators, normalised.

        The directory itself is "."; a `..` that leads out of it stays, and is refused later.
        """
        return os.path.normpath(get_route_path(scope).lstrip("/"))

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The response for what is at `path`; an HTTPException for what cannot be served."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        request = Headers(scope=scope)
        try:
            answer = self._answer_cached(path, scope, request)
            if answer is None:
                answer = await run_in_threadpool(
                    self._answer, self.lookup_path, read_found, path, scope, request
                )
        except (OSError, ValueError) as exc:
            refusal = refusal_status(exc)
            if refusal is None:
                raise
            raise HTTPException(refusal) from exc
        return self._respond_with(*answer, scope)

    def _respond_with(
        self, status_code: int, full_path: str, status: os.stat_result | None, scope: Scope
    ) -> Response:
        if status_code == 307:
            url = URL(scope=scope)
            return RedirectResponse(url.replace(path=url.path + "/"))
        if status is None:
            raise HTTPException(status_code)
        if status_code == 404:
            media_type = media_type_of(full_path, self._options.media_types)
            return StaticFileResponse(full_path, status, scope, 404, None, media_type)
        return self.file_response(full_path, status, scope)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """The full path and status of what is at `path`, ("", None) if nothing is. Blocks."""
        if not is_refused(path):
            for directory in self.all_directories:
                found = find(directory, path, self.follow_symlink)
                if found is not None:
                    return found
        return _NOTHING

    def file_response(
        self,
        full_path: PathLike,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file as a response; 304 if the client has it, an HTTPException 412 if it must not."""
        path = full_path if isinstance(full_path, str) else os.fspath(full_path)
        original = getattr(path, "original", path)
        media_type = media_type_of(original, self._options.media_types)
        headers = self._options.headers_of(original)
        response = StaticFileResponse(path, stat_result, scope, status_code, headers, media_type)
        if not 200 <= status_code < 300:
            return response
        return unless_known(response, scope, self.is_not_modified)

    def is_not_modified(self, response_headers: Headers, request_headers: Headers) -> bool:
        """Whether a 304 is the answer; `response_headers` may be changed here."""
        return is_not_modified(response_headers, request_headers)

    def _answer_cached(self, path: str, scope: Scope, request: Headers) -> _Answer | None:
        """The answer without a worker thread, if the kernel has all of it in memory."""
        # Who overrides `lookup_path`, or patches it, was promised a thread; hashing takes one.
        own = getattr(self.lookup_path, "__func__", None) is _lookup_path
        if not own or self._options.content_etag:
            return None
        try:
            return self._answer(self._lookup_path_cached, read_found_cached, path, scope, request)
        except NotInMemory:
            return None

    def _lookup_path_cached(self, path: str) -> tuple[str, os.stat_result | None]:
        if not self.all_directories:
            raise NotInMemory
        # Of the others nobody can say whether something in the first goes before.
        return find_cached(self.all_directories[0], path, self.follow_symlink)

    def _answer(
        self, look_up: LookUp, read: Read, path: str, scope: Scope, request: Headers
    ) -> _Answer:
        """The status of the answer, and the file that it is sent with."""
        status_code, full_path, status = self._look_up(look_up, path, scope, request)
        if isinstance(full_path, FoundPath) and status and is_one_message(status, scope):
            full_path.content = read(full_path, status)
        return status_code, full_path, status

    def _look_up(self, look_up: LookUp, path: str, scope: Scope, request: Headers) -> _Answer:
        full_path, status = look_up(path)
        if self.html and _is_directory(status):
            index = os.path.join(path, "index.html")
            index_path, index_status = look_up(index)
            if _is_file(index_status):
                if not scope["path"].endswith("/"):
                    return 307, *_NOTHING
                path, full_path, status = index, index_path, index_status
        vary: tuple[str, ...] = ()
        fallback = self._options.fallback
        if fallback is not None and not _is_file(status) and _is_navigation(path, request):
            path, vary = fallback, ("Accept",)
            full_path, status = look_up(path)
        if _is_file(status):
            return 200, *self._choose(look_up, path, full_path, status, request, vary)
        full_path, status = look_up("404.html") if self.html else _NOTHING
        return (404, full_path, status) if _is_file(status) else (404, *_NOTHING)

    def _choose(
        self,
        look_up: LookUp,
        path: str,
        full_path: str,
        status: os.stat_result,
        request: Headers,
        vary: tuple[str, ...],
    ) -> tuple[FoundPath, os.stat_result]:
        """Take a compressed sibling if there is one."""
        found = FoundPath(full_path)
        if self._options.precompressed:
            vary = (*vary, "Accept-Encoding")
            accepted = ", ".join(request.getlist("accept-encoding"))
            sibling = choose_sibling(look_up, path, status, accepted)
            if sibling is not None:
                coding, sibling_path, status = sibling
                found = FoundPath(sibling_path, full_path)
                found.coding = coding
        found.vary = vary
        if self._options.content_etag:
            found.etag = content_tag(found, status)
        return found, status


_lookup_path = StaticFiles.lookup_path


def _is_file(status: os.stat_result | None) -> TypeGuard[os.stat_result]:
    return status is not None and stat.S_ISREG(status.st_mode)


def _is_directory(status: os.stat_result | None) -> bool:
    return status is not None and stat.S_ISDIR(status.st_mode)


def _is_navigation(path: str, request: Headers) -> bool:
    """Whether a browser goes to a page here, rather than a page asks for an asset."""
    asset = path != os.curdir and "." in os.path.basename(path)
    return not asset and names_media_type(", ".join(request.getlist("accept")), "text/html")


def _directory_of(package: str, folder: str) -> str:
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None or not spec.has_location:
        raise AssertionError(f"Package {package!r} could not be found.")
    directory = os.path.normpath(os.path.join(os.path.dirname(spec.origin), folder))
    if not os.path.isdir(directory):
        raise AssertionError(f"Directory '{folder!r}' in package {package!r} could not be found.")
    return directory
