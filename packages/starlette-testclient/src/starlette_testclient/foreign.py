"""Objects of the one HTTP library for a client that stands on the other.

httpx and httpx2 have the same classes, but take only their own. A test may hold a URL, cookies, an
auth or a request of httpx while httpx2 is in use, or the reverse; told by what they can do, they
are made ours.
"""

from collections.abc import Generator
from typing import Any

from .library import httpx

__all__ = ["own_auth", "own_cookies", "own_request", "own_url"]


def own_url(url: Any) -> Any:
    """`url`, as text unless the library in use knows it."""
    return url if isinstance(url, str | httpx.URL) else str(url)


def own_cookies(cookies: Any) -> Any:
    """`cookies`, or the standard library's jar inside those of the other library."""
    return cookies if isinstance(cookies, httpx.Cookies) else getattr(cookies, "jar", cookies)


def own_auth(auth: Any) -> Any:
    """`auth`, wrapped when it is the other library's."""
    if isinstance(auth, httpx.Auth) or not hasattr(auth, "auth_flow"):
        return auth
    return _ForeignAuth(auth)


def own_request(request: Any) -> httpx.Request:
    """`request`, or one like it; the body of the other library's is read."""
    if isinstance(request, httpx.Request):
        return request
    return httpx.Request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        content=request.read(),
        extensions=request.extensions,
    )


class _ForeignAuth(httpx.Auth):
    def __init__(self, auth: Any) -> None:
        self.requires_request_body = auth.requires_request_body
        self.requires_response_body = auth.requires_response_body
        self._auth = auth

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        yield from self._auth.auth_flow(request)
