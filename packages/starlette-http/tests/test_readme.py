"""The examples of the README."""

import re
import textwrap
from pathlib import Path
from typing import Any

import httpx

import starlette_http

README = (Path(__file__).parent.parent / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


async def test_application_answers() -> None:
    namespace: dict[str, Any] = {}
    exec(EXAMPLES[0], namespace)
    transport = httpx.ASGITransport(namespace["app"])
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/?name=you")).text == "Hello, you!"
        assert (await client.post("/", content=b"abc")).json() == {"received": 3}


def test_fragments_are_python() -> None:
    for example in EXAMPLES[1:]:
        compile("async def endpoint(request):\n" + textwrap.indent(example, "    "), "", "exec")


def test_named_classes_are_in_the_package() -> None:
    table = README.partition("## What there is")[2].partition("## Uploads")[0]
    for name in set(re.findall(r"`([A-Z][A-Za-z0-9]+)`", table)):
        assert hasattr(starlette_http, name), name
