"""`HTTPSRedirectMiddleware`: send http and ws clients to https and wss.

    app = HTTPSRedirectMiddleware(app, exclude=["/health", "/.well-known/acme-challenge/"])

Deployment: behind a proxy that ends TLS every request looks like http, and this would redirect for
ever; have the server trust the proxy's headers (uvicorn: `--proxy-headers`), or redirect there.
"""

from collections.abc import Collection

from starlette_http.denial import refuse
from starlette_http.response import PlainTextResponse, RedirectResponse, Response
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_http.urls import URL

from .messages import request_headers

__all__ = ["HTTPSRedirectMiddleware"]

_SECURE = {"http": "https", "ws": "wss"}
_STATUS_CODES = (301, 302, 303, 307, 308)


class HTTPSRedirectMiddleware:
    """Redirect to the same URL with https or wss; the default ports 80 and 443 are left out.

    - `status_code`: 307, or another redirection. 301 and 308 are remembered by browsers.
    - `exclude`: paths to serve all the same; one that ends in "/" stands for all beneath it.

    A request that does not tell a host is answered with 400.
    """

    def __init__(
        self, app: ASGIApp, *, status_code: int = 307, exclude: Collection[str] = ()
    ) -> None:
        if status_code not in _STATUS_CODES:
            raise ValueError(f"{status_code!r} is no redirection; use one of {_STATUS_CODES}.")
        self.app = app
        self.status_code = status_code
        self.exclude: frozenset[str] = frozenset([exclude] if isinstance(exclude, str) else exclude)
        self._beneath = tuple(path for path in self.exclude if path.endswith("/"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application for what is secure or excluded."""
        # Only http and websocket scopes have a scheme; where it is absent, it is not a secure one.
        if scope.get("scheme", "http") not in _SECURE or not self._is_redirected(scope):
            await self.app(scope, receive, send)
        else:
            request_headers(scope)
            await refuse(self._redirect(URL(scope=scope)), scope, receive, send)

    def _is_redirected(self, scope: Scope) -> bool:
        if scope["type"] not in ("http", "websocket"):
            return False
        path = scope["path"]
        return path not in self.exclude and not path.startswith(self._beneath)

    def _redirect(self, url: URL) -> Response:
        if not url.netloc:
            return PlainTextResponse("Invalid host header", status_code=400)
        has_default_port = url.port in (80, 443)
        # Cut from the text: brackets around an IPv6 address stay.
        netloc = url.netloc.rpartition(":")[0] if has_default_port else url.netloc
        secure = url.replace(scheme=_SECURE[url.scheme], netloc=netloc)
        return RedirectResponse(secure, status_code=self.status_code)
