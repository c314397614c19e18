"""The HTTP client library underneath: httpx2 where it can be imported, otherwise httpx.

The two have the same classes, but unrelated ones: code that compares with or catches them should
use `starlette_testclient.httpx`, which is the one in use.
"""

from typing import TYPE_CHECKING

__all__ = ["httpx"]

if TYPE_CHECKING:
    import httpx
else:
    try:
        import httpx2 as httpx
    except ImportError:
        try:
            import httpx
        except ImportError:
            raise RuntimeError(
                "The starlette.testclient module requires the httpx package to be installed."
                " Install it with: pip install 'starlette-testclient[httpx]'"
            ) from None
