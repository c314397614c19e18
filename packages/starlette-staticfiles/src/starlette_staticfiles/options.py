"""What `StaticFiles` can do beyond finding files, as it was asked at construction.

In one object, because people subclass `StaticFiles` and set attributes of any name on it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .caching import IMMUTABLE, is_hashed_name

__all__ = ["HeadersFor", "Options"]

HeadersFor = Callable[[str], Mapping[str, str] | None]


@dataclass(frozen=True, slots=True)
class Options:
    """The keywords of `StaticFiles` of these names."""

    precompressed: bool
    cache_control: str | None
    immutable: bool | Callable[[str], object]
    headers: Mapping[str, str] | HeadersFor | None
    fallback: str | None
    media_types: Mapping[str, str]
    content_etag: bool

    def headers_of(self, path: str) -> dict[str, str]:
        """The headers of a file, by the full path of its original."""
        headers: dict[str, str] = {}
        is_immutable = is_hashed_name if self.immutable is True else self.immutable
        if is_immutable and is_immutable(path):
            headers["cache-control"] = IMMUTABLE
        elif self.cache_control is not None:
            headers["cache-control"] = self.cache_control
        more = self.headers(path) if callable(self.headers) else self.headers
        if more:
            headers.update((name.lower(), value) for name, value in more.items())
        return headers
