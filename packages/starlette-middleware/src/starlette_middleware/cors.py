"""`CORSMiddleware`: let browsers read responses from pages of other origins (fetch, section 3.2).

1. A preflight (OPTIONS with `Origin` and `Access-Control-Request-Method`) is answered here; the
   application never sees it.
2. Every other response gets the headers that tell the browser which page may read it.
3. Every response says `Vary: Origin`, also those to requests without one, because a cache must
   not hand the answer for one origin to another.

    app = CORSMiddleware(app, allow_origins=["https://example.org"], allow_credentials=True)

It decides what browsers show to scripts; it does not refuse requests. Websockets pass: browsers
apply no CORS to them.
"""

import re
import warnings
from collections.abc import Awaitable, Collection
from functools import lru_cache

from starlette_http.headers import Headers, MutableHeaders
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send

from .messages import (
    HeaderPairs,
    add_vary,
    header_pairs,
    request_headers,
    set_header,
    with_headers,
)

__all__ = ["ALL_METHODS", "SAFELISTED_HEADERS", "CORSMiddleware"]

ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
SAFELISTED_HEADERS = {"Accept", "Accept-Language", "Content-Language", "Content-Type"}

_PREFLIGHT_VARY = (
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers,"
    " Access-Control-Request-Private-Network"
)

_EVERY_SITE = (
    "CORSMiddleware with allow_origins=['*'] and allow_credentials=True lets every site act in the"
    " name of your visitors; list the origins that you trust instead."
)
_ALLOW_ORIGIN = b"access-control-allow-origin"
_ALLOW_CREDENTIALS = b"access-control-allow-credentials"


class CORSMiddleware:
    """Answer preflights, and add CORS headers to all other responses.

    - `allow_origins`: origins as browsers send them, such as "https://example.org:8000" (compared
      as they are, case included), or "*" for all.
    - `allow_origin_regex`: allows as well every origin that it matches as a whole.
    - `allow_methods`, `allow_headers`: what a preflight may ask for, or "*" for everything. The
      four headers of `SAFELISTED_HEADERS` are always allowed.
    - `allow_credentials`: let pages send cookies and read the answer. Together with "*" *every*
      site may do so in the name of the visitor, so that combination warns.
    - `allow_private_network`: let public pages reach a server in a private network.
    - `expose_headers`: response headers that scripts may read.
    - `max_age`: seconds that browsers may remember the answer to a preflight.
    """

    def __init__(
        self,
        app: ASGIApp,
        allow_origins: Collection[str] = (),
        allow_methods: Collection[str] = ("GET",),
        allow_headers: Collection[str] = (),
        allow_credentials: bool = False,
        allow_origin_regex: str | None = None,
        allow_private_network: bool = False,
        expose_headers: Collection[str] = (),
        max_age: int = 600,
    ) -> None:
        allow_origins, allow_methods = _entries(allow_origins), _entries(allow_methods)
        allow_headers = {*SAFELISTED_HEADERS, *_entries(allow_headers)}
        self.app = app
        self.allow_origins = allow_origins
        self.allow_methods: Collection[str] = ALL_METHODS if "*" in allow_methods else allow_methods
        self.allow_headers: list[str] = sorted(header.lower() for header in allow_headers)
        self.allow_all_origins: bool = "*" in allow_origins
        self.allow_all_headers: bool = "*" in allow_headers
        self.allow_credentials = allow_credentials
        self.allow_origin_regex: re.Pattern[str] | None = (
            re.compile(allow_origin_regex) if allow_origin_regex else None
        )
        self.allow_private_network = allow_private_network
        self.preflight_explicit_allow_origin: bool = not self.allow_all_origins or allow_credentials
        self.simple_headers: dict[str, str] = self._shared_headers()
        if expose_headers:
            exposed = ", ".join(_entries(expose_headers))
            self.simple_headers["Access-Control-Expose-Headers"] = exposed
        self.preflight_headers: dict[str, str] = {
            "Vary": _PREFLIGHT_VARY,
            "Access-Control-Allow-Methods": ", ".join(self.allow_methods),
            "Access-Control-Max-Age": str(max_age),
            **self._shared_headers(),
        }
        if not self.allow_all_headers:  # else each preflight is answered with what it asks for
            allowed = ", ".join(sorted(allow_headers))
            self.preflight_headers["Access-Control-Allow-Headers"] = allowed
        if self.allow_all_origins and allow_credentials:
            warnings.warn(_EVERY_SITE, stacklevel=2)

    def _shared_headers(self) -> dict[str, str]:
        """Give the headers that are the same on preflights and other responses."""
        headers = {}
        if self.allow_credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
        if not self.preflight_explicit_allow_origin:
            headers["Access-Control-Allow-Origin"] = "*"
        return headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight; run the application for everything else."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(None, request_headers(scope))
        if (
            scope["method"] == "OPTIONS"
            and "origin" in headers
            and "access-control-request-method" in headers
        ):
            await self.preflight_response(headers)(scope, receive, send)
        else:
            await self.simple_response(scope, receive, send, headers)

    def is_allowed_origin(self, origin: str) -> bool:
        """Tell whether pages of `origin` may read responses."""
        if self.allow_all_origins or origin in self.allow_origins:
            return True
        regex = self.allow_origin_regex
        return regex is not None and regex.fullmatch(origin) is not None

    def preflight_response(self, request_headers: Headers) -> Response:
        """Give the answer to a preflight: 200, or 400 with the list of what is not allowed."""
        # The first value of each name: four lookups for the price of one.
        given = dict(reversed(request_headers.raw))
        origin = given[b"origin"].decode("latin-1")
        method = given[b"access-control-request-method"].decode("latin-1")
        wanted = given.get(b"access-control-request-headers")
        private_network = given.get(b"access-control-request-private-network")
        allowed = {
            "origin": origin.isprintable() and self.is_allowed_origin(origin),
            "method": method in self.allow_methods,
            "headers": wanted is None or self._are_allowed_headers(wanted.decode("latin-1")),
            "private-network": private_network is None or self.allow_private_network,
        }
        pairs = [*_encoded(tuple(self.preflight_headers.items()))]
        if not allowed["origin"]:
            set_header(pairs, _ALLOW_CREDENTIALS, None)
        elif self.preflight_explicit_allow_origin:
            set_header(pairs, _ALLOW_ORIGIN, given[b"origin"])
        if wanted is not None and self.allow_all_headers and allowed["headers"]:
            set_header(pairs, b"access-control-allow-headers", wanted)
        if private_network is not None and self.allow_private_network:
            set_header(pairs, b"access-control-allow-private-network", b"true")
        refused = ", ".join([what for what, is_allowed in allowed.items() if not is_allowed])
        response = (
            PlainTextResponse(f"Disallowed CORS {refused}", 400)
            if refused
            else PlainTextResponse("OK")
        )
        response.raw_headers = pairs + response.raw_headers
        return response

    def _are_allowed_headers(self, wanted: str) -> bool:
        if self.allow_all_headers:
            return wanted.isprintable()  # the list is sent back as it came
        return all(name.strip().lower() in self.allow_headers for name in wanted.split(","))

    async def simple_response(
        self, scope: Scope, receive: Receive, send: Send, request_headers: Headers
    ) -> None:
        """Run the application, with its response going through `self.send`."""
        # Where nobody has a `send` of their own, its coroutine is left out, for each message.
        pass_on = self._passed_on if type(self).send is _SEND else self.send

        def send_on(message: Message) -> Awaitable[None]:
            return pass_on(message, send, request_headers)

        await self.app(scope, receive, send_on)

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        """Send a message of the application on; a response start with the CORS headers."""
        await self._passed_on(message, send, request_headers)

    def _passed_on(self, message: Message, send: Send, request_headers: Headers) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            pairs = header_pairs(message)
            origin = request_headers.get("origin")
            if origin is not None:
                self._admit(pairs, origin)
            add_vary(pairs, b"Origin")
            message = with_headers(message, pairs)
        return send(message)

    def _admit(self, pairs: HeaderPairs, origin: str) -> None:
        """Replace what the application said about CORS, as far as it is ours to say."""
        is_allowed = origin.isprintable() and self.is_allowed_origin(origin)
        for name, value in _encoded(tuple(self.simple_headers.items())):
            if is_allowed or name != _ALLOW_CREDENTIALS:
                set_header(pairs, name, value)
        if not is_allowed or not self.preflight_explicit_allow_origin:
            return
        # The hook costs an object for each response: only a subclass that has its own pays for it.
        if self.allow_explicit_origin is _ALLOW_EXPLICIT_ORIGIN:
            set_header(pairs, _ALLOW_ORIGIN, origin.encode("latin-1"))
        else:
            self.allow_explicit_origin(MutableHeaders(None, pairs), origin)

    @staticmethod
    def allow_explicit_origin(headers: MutableHeaders, origin: str) -> None:
        """Let pages of this one origin read the response that has these headers."""
        set_header(headers.raw, _ALLOW_ORIGIN, origin.encode("latin-1"))
        add_vary(headers.raw, b"Origin")


_SEND = CORSMiddleware.send
_ALLOW_EXPLICIT_ORIGIN = CORSMiddleware.allow_explicit_origin


@lru_cache(maxsize=64)
def _encoded(headers: tuple[tuple[str, str], ...]) -> HeaderPairs:
    # The same for every response, until somebody changes the attribute that they come from.
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]


def _entries(given: Collection[str]) -> Collection[str]:
    # Else every substring of a lone "https://example.org" would be an allowed origin.
    return (given,) if isinstance(given, str) else given
