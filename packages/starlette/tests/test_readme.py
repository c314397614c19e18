"""The README: its examples run, and its tables name what is there."""

import re
from pathlib import Path
from typing import Any

import pytest

from starlette.testclient import TestClient

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
MODULES = re.findall(r"^\| (`starlette\.[^|]*) \| ([^|]*) \| ", README, re.MULTILINE)


def run(example: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(example, namespace)
    return namespace


def test_the_example_of_the_framework_answers() -> None:
    assert TestClient(run(EXAMPLES[0])["app"]).get("/").json() == {"hello": "world"}


def test_the_example_of_the_toolkit_answers() -> None:
    assert TestClient(run(EXAMPLES[1])["App"]).get("/").text == "Hello, world!"


def test_there_are_two_examples() -> None:
    assert len(EXAMPLES) == 2


@pytest.mark.filterwarnings("ignore:starlette.middleware.wsgi is deprecated")
@pytest.mark.parametrize(("modules", "names"), MODULES)
def test_a_module_of_the_table_has_the_names_beside_it(modules: str, names: str) -> None:
    paths = re.findall(r"`(starlette[.\w]*)`", modules)
    found = [pytest.importorskip(path, exc_type=ImportError) for path in paths]
    assert found
    for name in re.findall(r"`(\w+)`", names):
        assert any(hasattr(module, name) for module in found), name


@pytest.mark.parametrize("row", re.findall(r"^\| `starlette\.\w+\.\w+`.*$", README, re.MULTILINE))
def test_every_module_is_named_once(row: str) -> None:
    module = row.split("`")[1]
    assert README.count(f"\n| `{module}`") == 1
