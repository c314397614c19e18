"""The python blocks of the two documents."""

import re
from pathlib import Path

__all__ = ["HERE", "examples"]

HERE = Path(__file__).resolve().parent
FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples(document: str) -> dict[tuple[str, int], str]:
    """The python blocks of a document, by the heading they stand under and their place there."""
    blocks: dict[tuple[str, int], str] = {}
    sections = re.split(r"^#+ (.*)$|^\*\*(.*):\*\*$", (HERE / document).read_text(), flags=re.M)
    for heading, bold, text in zip(sections[1::3], sections[2::3], sections[3::3], strict=True):
        for place, block in enumerate(FENCE.findall(text)):
            blocks[heading or bold, place] = block
    return blocks
