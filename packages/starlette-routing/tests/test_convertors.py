"""The convertors of path placeholders."""

import uuid

import pytest
from hypothesis import given, strategies as st

from starlette_routing.convertors import (
    CONVERTOR_TYPES,
    Convertor,
    FloatConvertor,
    IntegerConvertor,
    PathConvertor,
    StringConvertor,
    UUIDConvertor,
    register_url_convertor,
)
from starlette_routing.paths import compile_path

UUID = uuid.UUID("3f2504e0-4f89-11d3-9a0c-0305e82c3301")


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("str", "a b", "a b"),
        ("path", "a/b", "a/b"),
        ("path", "", ""),
        ("int", "007", 7),
        ("float", "1.50", 1.5),
        ("float", "2", 2.0),
        ("uuid", "3F2504E04F8911D39A0C0305E82C3301", UUID),
        ("uuid", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", UUID),
    ],
)
def test_text_becomes_a_value(key: str, text: str, value: object) -> None:
    assert CONVERTOR_TYPES[key].convert(text) == value


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("str", "a b", "a b"),
        ("str", 5, "5"),
        ("path", "/a/b", "/a/b"),
        ("path", "", ""),
        ("int", 7, "7"),
        ("int", "12", "12"),
        ("float", 0.1, "0.1"),
        ("float", 1.0, "1"),
        ("float", 100, "100"),
        ("float", -0.0, "0"),
        ("float", 1e-25, "0.0000000000000000000000001"),
        ("float", 1e22, "10000000000000000000000"),
        ("uuid", UUID, "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        ("uuid", "3F2504E04F8911D39A0C0305E82C3301", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
    ],
)
def test_a_value_becomes_text(key: str, value: object, text: str) -> None:
    assert CONVERTOR_TYPES[key].to_string(value) == text


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("str", "a/b", "May not contain path separators"),
        ("str", "", "Must not be empty"),
        ("int", -1, "Negative integers are not supported"),
        ("float", float("nan"), "NaN values are not supported"),
        ("float", float("inf"), "Infinite values are not supported"),
        ("float", -0.5, "Negative floats are not supported"),
    ],
)
def test_a_value_that_cannot_be_written_is_an_assertion_error(
    key: str, value: object, message: str
) -> None:
    with pytest.raises(AssertionError) as caught:
        CONVERTOR_TYPES[key].to_string(value)
    assert str(caught.value) == message


@pytest.mark.parametrize(("key", "value"), [("int", "abc"), ("uuid", "no uuid")])
def test_a_value_of_another_kind_is_a_value_error(key: str, value: str) -> None:
    with pytest.raises(ValueError, match="abc|badly formed"):
        CONVERTOR_TYPES[key].to_string(value)


def test_the_base_convertor_leaves_both_ways_to_subclasses() -> None:
    convertor: Convertor[str] = Convertor()
    with pytest.raises(NotImplementedError):
        convertor.convert("a")
    with pytest.raises(NotImplementedError):
        convertor.to_string("a")


def test_the_table_holds_an_instance_of_each_kind() -> None:
    kinds = {key: type(convertor) for key, convertor in CONVERTOR_TYPES.items()}
    assert kinds == {
        "str": StringConvertor,
        "path": PathConvertor,
        "int": IntegerConvertor,
        "float": FloatConvertor,
        "uuid": UUIDConvertor,
    }


class Hex(Convertor[int]):
    regex = "[0-9a-f]+"

    def convert(self, value: str) -> int:
        return int(value, 16)

    def to_string(self, value: int) -> str:
        return f"{value:x}"


def test_a_registered_convertor_serves_the_templates_compiled_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("starlette_routing.convertors.CONVERTOR_TYPES", {})
    with monkeypatch.context() as patch:
        patch.setitem(CONVERTOR_TYPES, "hex", Hex())
        regex, _, convertors = compile_path("/{colour:hex}")
    assert regex.pattern == "^/(?P<colour>[0-9a-f]+)$"
    assert convertors["colour"].convert("ff") == 255


def test_registering_adds_or_replaces(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("hex", "int"):
        monkeypatch.setitem(CONVERTOR_TYPES, key, Convertor())
    convertor = Hex()
    register_url_convertor("hex", convertor)
    register_url_convertor("int", convertor)
    assert CONVERTOR_TYPES["hex"] is CONVERTOR_TYPES["int"] is convertor


@given(st.floats(min_value=0, allow_nan=False, allow_infinity=False))
def test_every_float_comes_back_from_its_text(number: float) -> None:
    regex, _, convertors = compile_path("/{x:float}")
    match = regex.fullmatch("/" + convertors["x"].to_string(number))
    assert match is not None
    assert convertors["x"].convert(match["x"]) == number


@given(st.integers(min_value=0))
def test_every_integer_comes_back_from_its_text(number: int) -> None:
    convertor = IntegerConvertor()
    assert convertor.convert(convertor.to_string(number)) == number


@given(st.uuids())
def test_every_uuid_comes_back_from_its_text(value: uuid.UUID) -> None:
    convertor = UUIDConvertor()
    assert convertor.convert(convertor.to_string(value)) == value
