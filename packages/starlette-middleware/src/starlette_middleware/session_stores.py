"""Where `SessionMiddleware` keeps sessions: in their cookies, or in a store on the server.

The cookie always holds a signed token. Of `CookieSessionStore` the token is the session itself; of
a store on the server it is a random name, so that a session may be large, may hold what its owner
must not see, and is gone when it is deleted.

    class RedisStore:
        async def load(self, token):
            text = await redis.get(f"session:{token}")
            return None if text is None else json.loads(text)

        async def save(self, token, content, max_age):
            token = token or secrets.token_urlsafe(32)
            await redis.set(f"session:{token}", json.dumps(content), ex=max_age)
            return token

        async def delete(self, token):
            await redis.delete(f"session:{token}")
"""

import json
import secrets
import time
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

__all__ = ["CookieSessionStore", "MemorySessionStore", "SessionStore"]


class SessionStore(Protocol):
    """What a store must have. Content is what JSON can say; of two requests the later save wins."""

    async def load(self, token: str) -> dict[str, Any] | None:
        """Give the content kept under a token, None if there is none or it has expired."""
        ...

    async def save(self, token: str | None, content: dict[str, Any], max_age: int | None) -> str:
        """Keep content for `max_age` seconds, under `token` or a new one; give the token."""
        ...

    async def delete(self, token: str) -> None:
        """Forget what is kept under a token, if anything is."""
        ...


class CookieSessionStore:
    """Keeps nothing: the token is the content, as JSON in base64."""

    async def load(self, token: str) -> dict[str, Any] | None:
        """Decode a token; None for one that was signed by somebody else who has the key."""
        try:
            # Decoded here: to bytes json would apply its heuristics for UTF-16 and UTF-32.
            content = json.loads(a2b_base64(token).decode())
        except (ValueError, RecursionError):
            return None
        return content if isinstance(content, dict) else None

    async def save(self, token: str | None, content: dict[str, Any], max_age: int | None) -> str:
        """Encode content; `TypeError` for what JSON cannot say."""
        return b2a_base64(json.dumps(content).encode(), newline=False).decode()

    async def delete(self, token: str) -> None:
        """Do nothing: who has a copy of the cookie has the session, until it expires."""


class _Kept(NamedTuple):
    text: str
    expires: float


class MemorySessionStore:
    """Keeps sessions in this process, for development and tests.

    Above `maximum` sessions the one that was saved first is forgotten. Other processes, and this
    one after a restart, know nothing of them.
    """

    def __init__(
        self, maximum: int = 10_000, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.maximum = maximum
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    async def load(self, token: str) -> dict[str, Any] | None:
        """Give the content that was saved under a token."""
        kept = self._kept.get(token)
        if kept is None or kept.expires <= self._clock():
            return None
        content: dict[str, Any] = json.loads(kept.text)
        return content

    async def save(self, token: str | None, content: dict[str, Any], max_age: int | None) -> str:
        """Keep a copy of content; `TypeError` for what JSON cannot say."""
        token = token or secrets.token_urlsafe(32)
        expires = float("inf") if max_age is None else self._clock() + max_age
        self._kept.pop(token, None)
        self._kept[token] = _Kept(json.dumps(content), expires)
        if len(self._kept) > self.maximum:
            del self._kept[next(iter(self._kept))]
        return token

    async def delete(self, token: str) -> None:
        """Forget the content."""
        self._kept.pop(token, None)
