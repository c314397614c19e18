"""Multidicts, query parameters and forms."""

import copy
import io
import pickle
from collections.abc import Callable, ItemsView, KeysView, MutableMapping, ValuesView
from typing import Any

import pytest
from hypothesis import given, strategies as st

from starlette_http.multidict import FormData, ImmutableMultiDict, MultiDict, QueryParams
from starlette_http.uploads import UploadFile

PAIRS = [("a", "1"), ("b", "2"), ("a", "3")]


def multi(*pairs: tuple[Any, Any]) -> MultiDict:
    return MultiDict(pairs)


# ImmutableMultiDict


@pytest.mark.parametrize(
    "source",
    [PAIRS, iter(PAIRS), tuple(PAIRS), ImmutableMultiDict(PAIRS), MultiDict(PAIRS)],
    ids=["list", "iterator", "tuple", "immutable", "multidict"],
)
def test_is_made_of_pairs(source: Any) -> None:
    assert ImmutableMultiDict(source).multi_items() == PAIRS


def test_is_made_of_a_mapping() -> None:
    assert ImmutableMultiDict({"a": 1}).multi_items() == [("a", 1)]


@pytest.mark.parametrize("args", [(), (None,), ({},), ("",)])
def test_is_made_of_nothing(args: Any) -> None:
    assert ImmutableMultiDict(*args).multi_items() == []


def test_keywords_come_after_the_positional_pairs() -> None:
    assert ImmutableMultiDict(PAIRS, a="4", c="5").multi_items() == [*PAIRS, ("a", "4"), ("c", "5")]


def test_two_positional_arguments_are_an_assertion_error() -> None:
    with pytest.raises(AssertionError, match=r"^Too many arguments\.$"):
        ImmutableMultiDict([], [])


def test_list_given_is_not_shared() -> None:
    pairs = PAIRS.copy()
    MultiDict(pairs).append("c", "4")
    assert pairs == PAIRS


def test_mapping_shows_the_last_value_in_order_of_first_appearance() -> None:
    items = ImmutableMultiDict(PAIRS)
    assert items["a"] == "3"
    assert items.get("a") == "3"
    assert list(items.items()) == [("a", "3"), ("b", "2")]
    assert list(items) == ["a", "b"]
    assert len(items) == 2
    assert "a" in items
    assert "c" not in items


def test_missing_key_is_a_key_error_or_the_default() -> None:
    items = ImmutableMultiDict(PAIRS)
    with pytest.raises(KeyError, match="c"):
        items["c"]
    assert items.get("c") is None
    assert items.get("c", "default") == "default"


def test_keys_values_and_items_are_views() -> None:
    items = ImmutableMultiDict(PAIRS)
    assert isinstance(items.keys(), KeysView)
    assert isinstance(items.values(), ValuesView)
    assert isinstance(items.items(), ItemsView)
    assert list(items.values()) == ["3", "2"]


def test_getlist_gives_all_values_in_order() -> None:
    items = ImmutableMultiDict(PAIRS)
    assert items.getlist("a") == ["1", "3"]
    assert items.getlist("c") == []


def test_multi_items_is_a_copy() -> None:
    items = ImmutableMultiDict(PAIRS)
    items.multi_items().clear()
    assert items.multi_items() == PAIRS


def test_repr_shows_all_pairs() -> None:
    assert repr(ImmutableMultiDict(a=1)) == "ImmutableMultiDict([('a', 1)])"
    assert repr(multi(("a", 1))) == "MultiDict([('a', 1)])"


def test_multidicts_are_unhashable() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(ImmutableMultiDict())


def test_order_between_keys_does_not_count_for_equality() -> None:
    assert ImmutableMultiDict([("a", 1), ("b", 2)]) == ImmutableMultiDict([("b", 2), ("a", 1)])


def test_order_under_a_key_counts_for_equality() -> None:
    assert ImmutableMultiDict([("a", 1), ("a", 2)]) != ImmutableMultiDict([("a", 2), ("a", 1)])


def test_neither_keys_nor_values_need_an_order_to_be_compared() -> None:
    value = object()
    assert ImmutableMultiDict([("a", value), (1, None)]) == ImmutableMultiDict(
        [(1, None), ("a", value)]
    )


def test_other_types_are_not_equal() -> None:
    other: Any = {"a": 1}
    assert ImmutableMultiDict(a=1) != other
    assert MultiDict(a=1) != ImmutableMultiDict(a=1)


# MultiDict


def test_multidict_is_no_mutable_mapping() -> None:
    assert not isinstance(MultiDict(), MutableMapping)


CHANGES: list[tuple[Callable[[MultiDict], Any], Any, list[tuple[str, str]]]] = [
    (lambda d: d.__setitem__("a", "4"), None, [("b", "2"), ("a", "4")]),
    (lambda d: d.__setitem__("c", "4"), None, [*PAIRS, ("c", "4")]),
    (lambda d: d.__delitem__("a"), None, [("b", "2")]),
    (lambda d: d.pop("a"), "3", [("b", "2")]),
    (lambda d: d.pop("c"), None, PAIRS),
    (lambda d: d.pop("c", "default"), "default", PAIRS),
    (lambda d: d.popitem(), ("b", "2"), [("a", "1"), ("a", "3")]),
    (lambda d: d.poplist("a"), ["1", "3"], [("b", "2")]),
    (lambda d: d.poplist("c"), [], PAIRS),
    (lambda d: d.clear(), None, []),
    (lambda d: d.setdefault("a", "4"), "3", PAIRS),
    (lambda d: d.setdefault("c", "4"), "4", [*PAIRS, ("c", "4")]),
    (lambda d: d.setlist("a", ["4", "5"]), None, [("b", "2"), ("a", "4"), ("a", "5")]),
    (lambda d: d.setlist("a", []), None, [("b", "2")]),
    (lambda d: d.append("a", "4"), None, [*PAIRS, ("a", "4")]),
    (
        lambda d: d.update([("a", "4"), ("a", "5")], c="6"),
        None,
        [("b", "2"), ("a", "4"), ("a", "5"), ("c", "6")],
    ),
    (lambda d: d.update(MultiDict(b="7")), None, [("a", "1"), ("a", "3"), ("b", "7")]),
    (lambda d: d.update(), None, PAIRS),
]


@pytest.mark.parametrize(("change", "result", "pairs"), CHANGES)
def test_change(
    change: Callable[[MultiDict], Any], result: Any, pairs: list[tuple[str, str]]
) -> None:
    items = MultiDict(PAIRS)
    assert change(items) == result
    assert items.multi_items() == pairs
    assert dict(items) == dict(pairs)


def test_changed_key_keeps_its_place_in_the_mapping() -> None:
    items = MultiDict(PAIRS)
    items["a"] = "4"
    assert list(items) == ["a", "b"]


def test_deleting_a_missing_key_is_a_key_error() -> None:
    items = MultiDict(PAIRS)
    with pytest.raises(KeyError, match="c"):
        del items["c"]
    assert items.multi_items() == PAIRS


def test_popitem_of_an_empty_multidict_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        MultiDict().popitem()


pairs_of_few_keys = st.lists(st.tuples(st.sampled_from("abc"), st.integers()))


@given(pairs=pairs_of_few_keys, change=st.sampled_from(CHANGES))
def test_every_change_keeps_both_readings_together(
    pairs: list[tuple[str, int]], change: tuple[Callable[[MultiDict], Any], Any, Any]
) -> None:
    items = MultiDict([*pairs, ("a", 0)])
    change[0](items)
    assert dict(items) == dict(items.multi_items())


# QueryParams


@pytest.mark.parametrize(
    "source",
    ["a=1&a=2", b"a=1&a=2", [("a", 1), ("a", 2)], MultiDict([("a", "1"), ("a", "2")])],
)
def test_query_params_are_made_of_text_bytes_or_pairs(source: Any) -> None:
    params = QueryParams(source)
    assert params.multi_items() == [("a", "1"), ("a", "2")]
    assert str(params) == "a=1&a=2"
    assert repr(params) == "QueryParams('a=1&a=2')"


def test_query_params_take_keywords() -> None:
    assert str(QueryParams("a=1", b=2)) == "a=1&b=2"
    assert str(QueryParams(b"a=1", b=2)) == "a=1&b=2"
    assert str(QueryParams({"a": 1}, a=None)) == "a=1&a=None"
    assert str(QueryParams(a="b c")) == "a=b+c"


@pytest.mark.parametrize("args", [(), ("",), (b"",), (None,), ([],)])
def test_query_params_may_be_empty(args: Any) -> None:
    params = QueryParams(*args)
    assert str(params) == ""
    assert not params


def test_query_params_have_one_source() -> None:
    sources: Any = ("a=1", "b=2")
    with pytest.raises(AssertionError, match=r"^Too many arguments\.$"):
        QueryParams(*sources)


def test_raw_utf8_in_a_query_is_text() -> None:
    assert QueryParams("a=\u20ac".encode())["a"] == "\u20ac"
    assert QueryParams(b"a=%E2%82\xac")["a"] == "\u20ac"


def test_bad_utf8_in_a_query_is_a_replacement_character() -> None:
    assert QueryParams(b"a=\xff%FF")["a"] == "\ufffd\ufffd"


text = st.text(st.characters(codec="utf-8"))


@given(st.lists(st.tuples(text, text)))
def test_query_params_written_are_read_again(pairs: list[tuple[str, str]]) -> None:
    params = QueryParams(pairs)
    assert QueryParams(str(params)).multi_items() == pairs
    assert QueryParams(str(params).encode()).multi_items() == pairs


# Copies

DUPLICATES: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    lambda items: pickle.loads(pickle.dumps(items)),
]
duplicates = pytest.mark.parametrize("duplicate", DUPLICATES, ids=["copy", "deepcopy", "pickle"])


class Marked(MultiDict):
    """A multidict with a slot and an attribute of its own."""

    __slots__ = ("slot",)
    mark: str
    slot: str


@duplicates
@given(pairs=st.lists(st.tuples(text, text)))
def test_copies_are_equal_and_of_one_class(
    duplicate: Callable[[Any], Any], pairs: list[tuple[str, str]]
) -> None:
    for make in (ImmutableMultiDict, MultiDict, QueryParams, FormData):
        items: Any = make(pairs)
        copied = duplicate(items)
        assert type(copied) is make
        assert copied == items
        assert list(copied) == list(items)


@duplicates
def test_a_changed_copy_leaves_the_original_as_it_was(duplicate: Callable[[Any], Any]) -> None:
    original = MultiDict(PAIRS)
    copied = duplicate(original)
    copied.append("a", "4")
    del copied["b"]
    assert original == MultiDict(PAIRS)
    assert dict(original) == dict(PAIRS)


@duplicates
def test_a_changed_original_leaves_its_copy_as_it_was(duplicate: Callable[[Any], Any]) -> None:
    original = MultiDict(PAIRS)
    copied = duplicate(original)
    original.append("a", "4")
    del original["b"]
    assert copied == MultiDict(PAIRS)
    assert dict(copied) == dict(PAIRS)


@duplicates
def test_a_copy_keeps_the_order_of_the_mapping(duplicate: Callable[[Any], Any]) -> None:
    original = MultiDict(PAIRS)
    original["a"] = "4"
    assert list(duplicate(original)) == ["a", "b"]


@duplicates
def test_a_copy_keeps_what_a_subclass_adds(duplicate: Callable[[Any], Any]) -> None:
    original = Marked(PAIRS)
    original.mark, original.slot = "mark", "slot"
    copied = duplicate(original)
    copied.clear()
    assert (copied.mark, copied.slot) == ("mark", "slot")
    assert original == Marked(PAIRS)


def test_a_shallow_copy_has_the_same_values_and_a_deep_one_copies_of_them() -> None:
    original = MultiDict(a=["1"])
    assert copy.copy(original)["a"] is original["a"]
    assert copy.deepcopy(original)["a"] is not original["a"]


# FormData


class FailingFile(io.BytesIO):
    def close(self) -> None:
        super().close()
        raise OSError("cannot close")


async def test_closing_a_form_closes_all_its_files() -> None:
    files = [io.BytesIO(), io.BytesIO()]
    form = FormData([("a", UploadFile(files[0])), ("a", UploadFile(files[1])), ("b", "text")])
    await form.close()
    assert all(file.closed for file in files)


async def test_form_without_files_can_be_closed() -> None:
    form = FormData([("b", "text")])
    await form.close()
    assert form["b"] == "text"


async def test_file_that_cannot_be_closed_does_not_keep_the_others_open() -> None:
    files = [io.BytesIO(), FailingFile(), io.BytesIO()]
    form = FormData([("a", UploadFile(file)) for file in files])
    with pytest.raises(OSError, match="cannot close"):
        await form.close()
    assert all(file.closed for file in files)


def test_form_is_an_immutable_multidict() -> None:
    upload = UploadFile(io.BytesIO(), filename="f")
    form = FormData([("a", "1"), ("a", upload)], b="2")
    assert form.getlist("a") == ["1", upload]
    assert form == FormData([("b", "2"), ("a", "1"), ("a", upload)])
    assert repr(FormData(a="1")) == "FormData([('a', '1')])"
