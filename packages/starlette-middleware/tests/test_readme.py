"""The example of the README, run as it is."""

import re
from pathlib import Path
from typing import Any

import httpx

import starlette_middleware

README = (Path(__file__).parent.parent / "README.md").read_text()


def example() -> Any:
    """The application of the first block of Python."""
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    names: dict[str, Any] = {}
    exec(code, names)
    return names["app"]


async def test_the_example_works() -> None:
    transport = httpx.ASGITransport(example())
    async with httpx.AsyncClient(transport=transport, base_url="http://example.org") as client:
        response = await client.get("/", headers={"origin": "https://example.org"})
    assert response.text == "hello " * 200
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["access-control-allow-origin"] == "https://example.org"
    assert response.headers["x-powered-by"] == "coffee"


def test_every_middleware_is_in_the_tables() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE))
    names = {name for name in starlette_middleware.__all__ if name.endswith("Middleware")}
    assert names <= listed
