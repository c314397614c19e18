"""`SessionMiddleware`: a dict per visitor, kept in a signed cookie, or in a store by that cookie.

1. Without a store the cookie holds the session itself, as JSON in base64 with a timestamp and a
   signature: its owner can read it, but not change it. Keep secrets out of it, and keep it small:
   browsers drop cookies above 4096 bytes, so a larger one warns.
2. A cookie that is absent, expired, forged or malformed is an empty session.
3. The cookie is sent only when the session was modified, and cleared when it was emptied. A change
   inside a nested value is not seen; say `session.mark_modified()`.
4. A response for which the session was looked at says `Vary: Cookie`.

    app = SessionMiddleware(app, secret_key=["new key", "old key"], https_only=True)

    request.session["user"] = 42

Deployment: whoever has the key can be any visitor. To replace a key put the new one first and keep
the old one in the list for `max_age` seconds. A session in its cookie cannot be revoked before it
expires; one in a store can.
"""

import hmac
import re
import warnings
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Literal

from starlette_http.cookies import cookie_parser
from starlette_http.settings import Secret
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send

from .messages import add_vary, header_pairs, request_headers, with_headers
from .session_stores import CookieSessionStore, MemorySessionStore, SessionStore

try:
    from itsdangerous import BadSignature, TimestampSigner
    from itsdangerous.signer import SigningAlgorithm
except ImportError as _exc:
    raise ImportError(
        "itsdangerous must be installed to use SessionMiddleware."
        " Install it with: pip install 'starlette-middleware[sessions]'"
    ) from _exc

__all__ = [
    "CookieSessionStore",
    "MemorySessionStore",
    "Session",
    "SessionMiddleware",
    "SessionStore",
]

# What browsers keep of one cookie, name and value together (RFC 6265bis, section 5.6).
_MAXIMUM_SIZE = 4096
_EXPIRED = "expires=Thu, 01 Jan 1970 00:00:00 GMT; "
_separates = re.compile(r"[\0-\x1f\x7f;]").search
_is_name = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+").fullmatch


class Session(dict[str, Any]):
    """A session that knows whether it was accessed and modified.

    `accessed` makes the response vary on the cookie, `modified` makes it set the cookie.
    """

    accessed: bool = False
    modified: bool = False
    # Of a session that a middleware made: who made it, and the token that it was loaded by.
    _owner: "SessionMiddleware | None" = None
    _token: str | None = None
    _is_renewed: bool = False

    def mark_accessed(self) -> None:
        """Say that the response depends on the session."""
        self.accessed = True

    def mark_modified(self) -> None:
        """Say that the session must be saved; for changes inside nested values."""
        self.accessed = True
        self.modified = True

    def regenerate(self) -> None:
        """Save it under a new token, and forget the old one; do so when a visitor logs in.

        It makes a token that was planted on the visitor, or stolen before, worthless. A session
        that is kept in its cookie has no other name than its content: there it is only saved.
        """
        self.mark_modified()
        self._is_renewed = True

    def __getstate__(self) -> None:
        # A copy is nobody's: to copy its owner as well would be to copy the application.
        return None

    def __setitem__(self, key: str, value: Any) -> None:
        self.mark_modified()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self.mark_modified()

    def __ior__(self, other: Any, /) -> "Session":  # type: ignore[override,misc]
        self.update(other)
        return self

    def clear(self) -> None:
        """Empty the session; the response clears the cookie."""
        self.mark_modified()
        super().clear()

    def pop(self, key: str, *args: Any) -> Any:
        """As of a dict; the session is modified only if it had `key`."""
        if key in self:
            self.mark_modified()
        return super().pop(key, *args)

    def popitem(self) -> tuple[str, Any]:
        """As of a dict."""
        item = super().popitem()
        self.mark_modified()
        return item

    def setdefault(self, key: str, default: Any = None) -> Any:
        """As of a dict; the session is modified only if it did not have `key`."""
        if key not in self:
            self.mark_modified()
        return super().setdefault(key, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """As of a dict; the session is modified even by nothing."""
        self.mark_modified()
        super().update(*args, **kwargs)


class _Signer(TimestampSigner):
    """Signs as itsdangerous does by default, but derives each key once instead of every time."""

    def __init__(self, secret_keys: list[str]) -> None:
        super().__init__(secret_keys, algorithm=_HMAC())
        self._derived: dict[str | bytes, bytes] = {}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        key = self.secret_keys[-1] if secret_key is None else secret_key
        derived = self._derived.get(key)
        if derived is None:
            derived = self._derived[key] = super().derive_key(key)
        return derived


class _HMAC(SigningAlgorithm):
    """HMAC with SHA-1, which takes in each key once instead of every time."""

    def __init__(self) -> None:
        self._keyed: dict[bytes, hmac.HMAC] = {}

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        keyed = self._keyed.get(key)
        if keyed is None:
            keyed = self._keyed[key] = hmac.new(key, digestmod="sha1")
        signature = keyed.copy()
        signature.update(value)
        return signature.digest()


class SessionMiddleware:
    """Give http and websocket connections a `Session` under `scope["session"]`.

    - `secret_key`: what cookies are signed with. Of a list (or tuple) the first key signs, and all
      verify.
    - `session_cookie`, `path`, `domain`, `same_site`, `partitioned`: the cookie's name and
      attributes. Another application under the same host needs another name or path.
    - `max_age`: seconds that a session lives after it was last modified. None: until the browser
      is closed, and a copied cookie is good for ever.
    - `https_only`: tell browsers to send the cookie over https alone.
    - `store`: where sessions are kept, if not in the cookie itself (`SessionStore`).

    An application may put another mapping in `scope["session"]`, which is then saved, or None,
    which clears the session. A websocket reads the session, but cannot set the cookie.
    Raises `ValueError` for an empty list of keys, or text that would break the cookie apart.
    """

    def __init__(
        self,
        app: ASGIApp,
        secret_key: str | Secret | Sequence[str | Secret],
        session_cookie: str = "session",
        max_age: int | None = 14 * 24 * 60 * 60,
        path: str = "/",
        same_site: Literal["lax", "strict", "none"] = "lax",
        https_only: bool = False,
        domain: str | None = None,
        partitioned: bool = False,
        *,
        store: SessionStore | None = None,
    ) -> None:
        if not _is_name(session_cookie):
            raise ValueError(f"Cookie name {session_cookie!r} must be a token (RFC 9110).")
        for attribute, value in {"path": path, "domain": domain, "same_site": same_site}.items():
            if value is not None and _separates(value):
                raise ValueError(
                    f"Cookie {attribute} {value!r} must not contain ';' or control characters."
                )
        self.app = app
        self.signer: TimestampSigner = _Signer(_keys(secret_key))
        self.session_cookie = session_cookie
        self.max_age = max_age
        self.path = path
        self.store: SessionStore = CookieSessionStore() if store is None else store
        flags = {
            "httponly": True,
            f"samesite={same_site}": True,
            "secure": https_only,
            f"domain={domain}": domain is not None,
            "partitioned": partitioned,
        }
        self.security_flags: str = "; ".join(flag for flag, is_set in flags.items() if is_set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Load the session, and save it when the response starts."""
        kind = scope["type"]
        if kind == "http" or kind == "websocket":
            token = self._token_of(scope)
            stored = None if token is None else await self.store.load(token)
            scope["session"] = session = Session(stored) if stored else Session()
            session._owner = self
            if stored is not None:
                session._token = token
            if kind == "http":
                send = self._saving(send, scope, session)
        await self.app(scope, receive, send)

    # Neither what this gives nor `_start` is async: most responses save nothing.
    def _saving(self, server: Send, scope: Scope, session: Session) -> Send:
        def send(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                return self._start(message, server, scope, session)
            return server(message)

        return send

    def _token_of(self, scope: Scope) -> str | None:
        """Give what the cookie holds, None if there is no valid one."""
        cookie = None
        for name, value in request_headers(scope):
            if name == b"cookie":
                # A glance spares the parsing of all the other cookies.
                for piece in value.decode("latin-1").split(";"):
                    if self.session_cookie in piece:
                        cookie = cookie_parser(piece).get(self.session_cookie, cookie)
        if cookie is None:
            return None
        try:
            return self.signer.unsign(cookie.encode("latin-1"), self.max_age).decode()
        except (BadSignature, UnicodeDecodeError):
            return None

    def _start(
        self, message: Message, send: Send, scope: Scope, session: Session
    ) -> Awaitable[None]:
        current = self._current(scope, session)
        if current.modified:
            return self._send_saved(message, send, session, current)
        if current.accessed:
            pairs = header_pairs(message)
            add_vary(pairs, b"Cookie")
            message = with_headers(message, pairs)
        return send(message)

    async def _send_saved(
        self, message: Message, send: Send, session: Session, current: Session
    ) -> None:
        pairs = header_pairs(message)
        add_vary(pairs, b"Cookie")
        cookie = await self._save(session, current)
        if cookie is not None:
            pairs.append((b"set-cookie", cookie.encode("latin-1")))
        await send(with_headers(message, pairs))

    async def _save(self, session: Session, current: Session) -> str | None:
        """Save or delete the session; give the cookie that tells the client, if one must."""
        known = session._token
        if not current and known is None:
            return None
        token = None
        if current:
            renewed = session._is_renewed or current._is_renewed
            token = await self.store.save(None if renewed else known, dict(current), self.max_age)
        if known is not None and known != token:
            await self.store.delete(known)
        return self._cookie(token)

    def _current(self, scope: Scope, session: Session) -> Session:
        """Give the session as the application left it."""
        current = scope.get("session")
        if current is session:
            return session
        if isinstance(current, Session) and current._owner not in (None, self):
            return session  # a SessionMiddleware further in has put its own there
        replaced = Session(current if isinstance(current, Mapping) else ())
        replaced.mark_modified()
        return replaced

    def _cookie(self, token: str | None) -> str:
        if token is None:
            return f"{self.session_cookie}=null; path={self.path}; {_EXPIRED}{self.security_flags}"
        value = self.signer.sign(token).decode()
        size = len(self.session_cookie) + len(value)
        if size > _MAXIMUM_SIZE:
            warnings.warn(
                f"The session cookie {self.session_cookie!r} has {size} bytes, and browsers drop"
                f" cookies above {_MAXIMUM_SIZE}; keep less in the session.",
                stacklevel=2,
            )
        lifetime = "" if self.max_age is None else f"Max-Age={self.max_age}; "
        return f"{self.session_cookie}={value}; path={self.path}; {lifetime}{self.security_flags}"


def _keys(secret_key: str | Secret | Sequence[str | Secret]) -> list[str]:
    """Give the keys as the signer wants them: the one that signs comes last."""
    given = secret_key if isinstance(secret_key, list | tuple) else [secret_key]
    if not given:
        raise ValueError("SessionMiddleware needs at least one secret key; the list is empty.")
    return [str(key) for key in reversed(given)]
