"""The table of README.md: no example and no test is missing in it."""

import re

import pytest

from .examples import HERE, examples

FILES = sorted(path for path in HERE.glob("test_*.py") if path.name != "test_readme.py")


def functions() -> set[str]:
    """The names of all tests of the documents, with their files."""
    return {
        f"{path.stem.removeprefix('test_')}: {name}"
        for path in FILES
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.M)
    }


def rows() -> set[str]:
    """The names of tests in the table, with the file that the row, or one above it, tells."""
    found, file = set(), ""
    for line in (HERE / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3:
            file = cells[2] or file
            found |= {f"{file}: {name}" for name in re.findall(r"`(test_\w+)`", cells[1])}
    return found


@pytest.mark.parametrize("document", ["classic.md", "modern.md"])
def test_every_example_is_named_in_a_test(document: str) -> None:
    text = "".join(path.read_text() for path in FILES if path.name[5:].startswith(document[:-3]))
    assert {heading for heading, _ in examples(document) if f'"{heading}"' not in text} == set()


def test_no_heading_but_routing_has_several_examples() -> None:
    several = [key for document in ("classic.md", "modern.md") for key in examples(document)]
    assert [key for key in several if key[1]] == [("Routing", 1), ("Routing", 2), ("Routing", 3)]


def test_the_table_names_every_test_and_no_other() -> None:
    assert rows() == functions()
