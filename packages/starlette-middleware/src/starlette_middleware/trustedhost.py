"""`TrustedHostMiddleware`: refuse requests for hosts that are not ours (RFC 9110, section 7.2).

Whoever sends the request chooses the Host header, and what is built from it (links in mails, cache
keys, redirects) goes where the header says. So name the hosts that the application answers for:

    app = TrustedHostMiddleware(app, allowed_hosts=["example.org", "*.example.org"])
"""

from collections.abc import Sequence

from starlette_http.denial import refuse
from starlette_http.hosts import parse_host_header
from starlette_http.response import PlainTextResponse, RedirectResponse, Response
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_http.urls import URL

from .messages import get_header, request_headers

__all__ = ["ENFORCE_DOMAIN_WILDCARD", "TrustedHostMiddleware"]

ENFORCE_DOMAIN_WILDCARD = "Domain wildcard patterns must be like '*.example.com'."


class TrustedHostMiddleware:
    """Answer 400 to http and websocket requests whose Host header is not allowed.

    - `allowed_hosts`: host names without port, `*.` in front for all subdomains (but not the domain
      itself), or "*" for everything, which is the default. IPv6 addresses have brackets.
    - `www_redirect`: redirect (307) from `example.org` to `www.example.org` where only the latter
      is allowed.

    Raises `AssertionError` for a pattern with a `*` elsewhere.
    """

    def __init__(
        self, app: ASGIApp, allowed_hosts: Sequence[str] | None = None, www_redirect: bool = True
    ) -> None:
        if allowed_hosts is None or isinstance(allowed_hosts, str):
            allowed_hosts = [allowed_hosts or "*"]
        patterns = list(allowed_hosts)
        for pattern in patterns:
            if "*" in pattern[1:] or (pattern.startswith("*") and pattern[1:2] not in ("", ".")):
                raise AssertionError(ENFORCE_DOMAIN_WILDCARD)
        self.app = app
        self.allowed_hosts = patterns
        self.allow_any: bool = "*" in patterns
        self.www_redirect = www_redirect
        lowered = [pattern.lower() for pattern in patterns]
        self._names = frozenset(lowered)
        self._suffixes = tuple(pattern[1:] for pattern in lowered if pattern.startswith("*"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application for an allowed host."""
        if self.allow_any or scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        header = get_header(request_headers(scope), b"host") or b""
        parsed = parse_host_header(header.decode("latin-1"))
        host = parsed.host.lower() if parsed else ""
        if host in self._names or host.endswith(self._suffixes):
            await self.app(scope, receive, send)
        else:
            await refuse(self._refusal(host, scope), scope, receive, send)

    def _refusal(self, host: str, scope: Scope) -> Response:
        if self.www_redirect and f"www.{host}" in self._names:
            url = URL(scope=scope)
            return RedirectResponse(url.replace(netloc=f"www.{url.netloc}"))
        return PlainTextResponse("Invalid host header", status_code=400)
