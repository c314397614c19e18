"""Upstream's public surface is there: every name, every parameter, every default.

`upstream.json` lists upstream 1.10.0's own names with their kinds, parameters and values. Ours may
have more names, more optional parameters after or beside upstream's, and wider types. What differs
on purpose stands in `differences.py`, each entry with its reason.
"""

import enum
import importlib
import inspect
import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from .differences import DIFFERENCES
from .instances import INSTANCES

UPSTREAM: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parent / "upstream.json").read_text()
)
KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "po",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "pk",
    inspect.Parameter.VAR_POSITIONAL: "va",
    inspect.Parameter.KEYWORD_ONLY: "ko",
    inspect.Parameter.VAR_KEYWORD: "vk",
}

# Attributes of what is entered by `with`, there from then on.
ENTERED = [
    "starlette.testclient:TestClient.exit_stack",
    "starlette.testclient:TestClient.stream_receive",
    "starlette.testclient:TestClient.stream_send",
    "starlette.testclient:TestClient.task",
    "starlette.testclient:WebSocketTestSession.exit_stack",
    "starlette.testclient:WebSocketTestSession.portal",
]


def names(*kinds: str) -> list[str]:
    return [
        name
        for name, entry in UPSTREAM.items()
        if entry["kind"] in kinds and name not in DIFFERENCES
    ]


def resolve(name: str) -> Any:
    """The object behind "module:Class.attribute", without running its descriptors."""
    module_name, _, path = name.partition(":")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target: Any = importlib.import_module(module_name)
        first, *rest = path.split(".")
        target = getattr(target, first)
    for attribute in rest:
        target = inspect.getattr_static(target, attribute)
    return target


def parameters(name: str, target: Any) -> list[list[str]]:
    """Our parameters in the form of the data: [name, kind] or [name, kind, default]."""
    if isinstance(target, staticmethod):
        target = target.__func__
    described = []
    for parameter in inspect.signature(target).parameters.values():
        entry = [parameter.name, KINDS[parameter.kind]]
        if parameter.default is not parameter.empty:
            entry.append(shown(parameter.default))
        described.append(entry)
    return described


def accepts(ours: list[list[str]], theirs: list[list[str]]) -> bool:
    """Whether every call that fits `theirs` fits `ours` and means the same."""
    positional = [entry for entry in theirs if entry[1] in ("po", "pk")]
    if any(not same(*pair) for pair in zip(ours, positional, strict=False)):
        return False
    if len([entry for entry in ours if entry[1] in ("po", "pk")]) < len(positional):
        return False
    beside = {entry[0]: entry for entry in ours}
    if any(not same(beside.get(entry[0], ["", ""]), entry) for entry in theirs):
        return False
    known = {entry[0] for entry in theirs}
    return all(
        len(entry) > 2 or entry[1] in ("va", "vk") for entry in ours if entry[0] not in known
    )


def same(ours: list[str], theirs: list[str]) -> bool:
    """Whether a parameter is upstream's; it may be optional, or positional, where theirs is not."""
    if ours[0] != theirs[0] or ours[1] not in (theirs[1], "pk"):
        return False
    if len(theirs) > 2 and theirs[2].startswith("<"):
        return len(ours) > 2
    return len(theirs) == 2 or ours[2:] == theirs[2:]


def shown(value: Any) -> str:
    """A value as the data writes it."""
    if isinstance(value, (tuple, set, frozenset)):
        kind = "tuple" if isinstance(value, tuple) else "set"
        items = value if isinstance(value, tuple) else sorted(value)
        return f"{kind}({', '.join(map(repr, items))})"
    if isinstance(value, enum.Enum):
        return repr(value.value)
    return getattr(value, "__name__", repr(value))


def test_every_difference_is_about_a_name_of_upstream_and_has_a_reason() -> None:
    assert DIFFERENCES.keys() <= UPSTREAM.keys()
    assert all(len(reason) > 20 for reason in DIFFERENCES.values())


@pytest.mark.parametrize("name", names("class", "exception", "enum"))
def test_the_class_is_there(name: str) -> None:
    target = resolve(name)
    assert isinstance(target, type)
    entry = UPSTREAM[name]
    if entry["kind"] != "enum" and "parameters" in entry:
        assert accepts(parameters(name, target), entry["parameters"]), parameters(name, target)


@pytest.mark.parametrize("name", names("class", "exception", "enum"))
def test_the_class_has_its_documented_bases(name: str) -> None:
    ours = [base.__name__ for base in resolve(name).__mro__[1:]]
    for base in UPSTREAM[name].get("bases", []):
        assert base.split(".")[-1].split("[")[0] in ours


@pytest.mark.parametrize(
    "name", names("function", "async-function", "asyncgen-function", "staticmethod")
)
def test_the_function_takes_what_upstreams_takes(name: str) -> None:
    target, entry = resolve(name), UPSTREAM[name]
    if entry["kind"] == "async-function":
        assert inspect.iscoroutinefunction(target)
    if "parameters" in entry:
        assert accepts(parameters(name, target), entry["parameters"]), parameters(name, target)


@pytest.mark.parametrize("name", names("property", "alias"))
def test_the_property_or_alias_is_there(name: str) -> None:
    assert resolve(name) is not None


@pytest.mark.parametrize("name", names("value"))
def test_the_value_is_the_same(name: str) -> None:
    target, entry = resolve(name), UPSTREAM[name]
    if "value" in entry:
        assert shown(target) == entry["value"]


@pytest.mark.parametrize("name", [name for name in names("instance") if name not in ENTERED])
def test_the_instance_attribute_is_there(name: str) -> None:
    path, _, attribute = name.rpartition(".")
    assert hasattr(INSTANCES[path](), attribute)


@pytest.mark.parametrize("name", ENTERED)
def test_the_attribute_is_there_inside_with(name: str) -> None:
    path, _, attribute = name.rpartition(".")
    with INSTANCES[path]() as instance:
        assert hasattr(instance, attribute)
