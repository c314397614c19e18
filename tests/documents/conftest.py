"""The examples of the two documents, taken from their text and run as they are written."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)

Example = Callable[..., dict[str, Any]]


def examples(document: str) -> dict[tuple[str, int], str]:
    """The python blocks of a document, by the heading they stand under and their place there."""
    blocks: dict[tuple[str, int], str] = {}
    sections = re.split(r"^#+ (.*)$|^\*\*(.*):\*\*$", (HERE / document).read_text(), flags=re.M)
    for heading, bold, text in zip(sections[1::3], sections[2::3], sections[3::3], strict=True):
        for place, block in enumerate(FENCE.findall(text)):
            blocks[heading or bold, place] = block
    return blocks


def _runner(document: str) -> Example:
    blocks = examples(document)

    def run(heading: str, place: int = 0, **names: Any) -> dict[str, Any]:
        namespace = {"__name__": "main", **names}
        exec(compile(blocks[heading, place], f"{document}, {heading}", "exec"), namespace)
        return namespace

    return run


@pytest.fixture
def classic() -> Example:
    """Run an example of the classic document: `classic(heading, place)` gives its names."""
    return _runner("classic.md")


@pytest.fixture
def modern() -> Example:
    """Run an example of the modern document: `modern(heading, place)` gives its names."""
    return _runner("modern.md")
