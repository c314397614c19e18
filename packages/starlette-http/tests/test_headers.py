"""Headers: case-insensitive, multi-valued, over the raw pairs of ASGI."""

import copy
import pickle
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, strategies as st

from starlette_http.headers import Headers, MutableHeaders, encode_header

RAW = [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]


# Sources


def test_mapping_is_lowered_and_encoded() -> None:
    assert Headers({"Content-Type": "text/plain", "X-\u00e9": "\u00e9"}).raw == [
        (b"content-type", b"text/plain"),
        (b"x-\xe9", b"\xe9"),
    ]


def test_headers_given_keep_what_repeats() -> None:
    assert Headers(Headers(raw=RAW)).raw == RAW


def test_no_source_gives_no_headers() -> None:
    assert len(Headers()) == 0


def test_raw_list_is_used_without_a_copy() -> None:
    raw = [(b"a", b"1")]
    headers = Headers(raw=raw)
    raw.append((b"b", b"2"))
    assert headers["b"] == "2"


def test_raw_pairs_may_be_any_iterable() -> None:
    assert Headers(raw=iter(RAW)).raw == RAW


def test_scope_shares_a_list_of_its_own() -> None:
    original = ((b"a", b"1"),)
    message: dict[str, Any] = {"headers": original}
    MutableHeaders(scope=message).append("b", "2")
    assert message["headers"] == [(b"a", b"1"), (b"b", b"2")]
    assert original == ((b"a", b"1"),)


def test_list_of_a_scope_is_not_changed_itself() -> None:
    original = [(b"a", b"1")]
    MutableHeaders(scope={"headers": original}).append("b", "2")
    assert original == [(b"a", b"1")]


def test_scope_without_headers_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="headers"):
        Headers(scope={})


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ({"headers": {}, "raw": []}, 'Cannot set both "headers" and "raw".'),
        ({"headers": {}, "scope": {"headers": []}}, 'Cannot set both "headers" and "scope".'),
        ({"raw": [], "scope": {"headers": []}}, 'Cannot set both "raw" and "scope".'),
    ],
)
def test_two_sources_are_an_assertion_error(sources: dict[str, Any], message: str) -> None:
    with pytest.raises(AssertionError) as caught:
        Headers(**sources)
    assert str(caught.value) == message


# Reading


def test_lookup_ignores_case_and_gives_the_first_value() -> None:
    headers = Headers(raw=RAW)
    assert headers["A"] == "1"
    assert headers.get("A") == "1"


def test_missing_header_is_a_key_error_with_the_name_as_asked() -> None:
    with pytest.raises(KeyError) as caught:
        Headers()["X-Missing"]
    assert caught.value.args == ("X-Missing",)


def test_get_gives_the_default_of_a_missing_header() -> None:
    assert Headers().get("x") is None
    assert Headers().get("x", "default") == "default"


def test_get_takes_its_arguments_by_name() -> None:
    headers = Headers({"a": "1"})
    assert headers.get(key="A") == "1"
    assert headers.get("b", default="2") == "2"
    assert headers.get(key="b", default=None) is None


def test_empty_value_is_a_value() -> None:
    headers = Headers({"a": ""})
    assert headers["a"] == ""
    assert headers.get("a", "default") == ""


@pytest.mark.parametrize("key", ["\u20ac", 1, None, b"a"])
def test_what_can_be_no_name_is_absent(key: Any) -> None:
    headers = Headers({"a": "1"})
    assert key not in headers
    assert headers.get(key) is None
    assert headers.getlist(key) == []
    with pytest.raises(KeyError):
        headers[key]


def test_views_are_lists_that_repeat_names() -> None:
    headers = Headers(raw=RAW)
    assert headers.keys() == ["a", "b", "a"]
    assert headers.values() == ["1", "2", "3"]
    assert headers.items() == [("a", "1"), ("b", "2"), ("a", "3")]
    assert list(headers) == ["a", "b", "a"]
    assert len(headers) == 3


def test_getlist_gives_all_values() -> None:
    assert Headers(raw=RAW).getlist("A") == ["1", "3"]


def test_is_a_mapping_with_membership() -> None:
    headers = Headers(raw=RAW)
    assert isinstance(headers, Mapping)
    assert "A" in headers
    assert "c" not in headers


def test_raw_is_a_copy() -> None:
    headers = Headers(raw=RAW)
    headers.raw.clear()
    assert headers.raw == RAW


def test_equality_ignores_order_and_class() -> None:
    assert Headers(raw=RAW) == MutableHeaders(raw=RAW[::-1])
    assert Headers({"a": "1"}) != Headers({"a": "2"})
    assert Headers({"a": "1"}) != {"a": "1"}


def test_any_number_of_names_can_be_set_and_found() -> None:
    headers = Headers({f"X-{number}": str(number) for number in range(600)})
    assert [headers[f"x-{number}"] for number in range(600)] == list(map(str, range(600)))


def test_headers_are_unhashable() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Headers())


def test_repr_shows_a_dict_or_the_pairs_where_names_repeat() -> None:
    assert repr(Headers({"A": "1"})) == "Headers({'a': '1'})"
    assert repr(MutableHeaders()) == "MutableHeaders({})"
    assert repr(Headers(raw=[(b"a", b"1"), (b"a", b"2")])) == (
        "Headers(raw=[(b'a', b'1'), (b'a', b'2')])"
    )


def test_mutable_copy_is_independent() -> None:
    headers = Headers({"a": "1"})
    copied = headers.mutablecopy()
    copied["a"] = "2"
    assert type(copied) is MutableHeaders
    assert headers["a"] == "1"


# Changing


def test_setting_replaces_the_first_in_place_and_removes_the_others() -> None:
    headers = MutableHeaders(raw=RAW.copy())
    headers["A"] = "4"
    assert headers.raw == [(b"a", b"4"), (b"b", b"2")]


def test_setting_a_new_header_appends_it() -> None:
    headers = MutableHeaders({"a": "1"})
    headers["B"] = "2"
    assert headers.raw == [(b"a", b"1"), (b"b", b"2")]


def test_deleting_removes_all_and_minds_no_missing_one() -> None:
    headers = MutableHeaders(raw=RAW.copy())
    del headers["A"]
    del headers["missing"]
    del headers["\u20ac"]
    assert headers.raw == [(b"b", b"2")]


def test_raw_of_mutable_headers_is_the_live_list() -> None:
    headers = MutableHeaders()
    headers.raw.append((b"a", b"1"))
    assert headers["a"] == "1"


def test_raw_tuple_can_be_appended_to() -> None:
    headers = MutableHeaders(raw=((b"a", b"1"),))
    headers.append("b", "2")
    assert headers.raw == [(b"a", b"1"), (b"b", b"2")]


def test_setdefault_sets_only_what_is_missing() -> None:
    headers = MutableHeaders({"a": "1"})
    assert headers.setdefault("A", "2") == "1"
    assert headers.setdefault("b", "2") == "2"
    assert headers.items() == [("a", "1"), ("b", "2")]


def test_append_keeps_the_others() -> None:
    headers = MutableHeaders({"a": "1"})
    headers.append("A", "2")
    assert headers.getlist("a") == ["1", "2"]


def test_update_replaces() -> None:
    headers = MutableHeaders({"a": "1", "b": "2"})
    headers.update({"A": "3", "c": "4"})
    assert headers.items() == [("a", "3"), ("b", "2"), ("c", "4")]


def test_merging_repeated_names_keeps_the_last() -> None:
    headers = MutableHeaders({"a": "0"})
    headers.update(Headers(raw=RAW))
    assert headers.items() == [("a", "3"), ("b", "2")]


def test_union_is_a_new_object() -> None:
    headers = MutableHeaders({"a": "1"})
    merged = headers | {"b": "2"}
    assert type(merged) is MutableHeaders
    assert merged.items() == [("a", "1"), ("b", "2")]
    assert headers.items() == [("a", "1")]


def test_union_in_place_keeps_the_object() -> None:
    headers = original = MutableHeaders({"a": "1"})
    headers |= {"a": "2"}
    assert headers is original
    assert headers["a"] == "2"


def test_union_with_no_mapping_is_a_type_error() -> None:
    headers = MutableHeaders()
    pairs: Any = [("a", "1")]
    with pytest.raises(TypeError, match="^Expected a mapping but got list$"):
        headers | pairs
    with pytest.raises(TypeError, match="^Expected a mapping but got list$"):
        headers |= pairs


@pytest.mark.parametrize(
    ("present", "added", "vary"),
    [
        ([], "Origin", ["Origin"]),
        (["Accept"], "Origin", ["Accept, Origin"]),
        (["Accept", "Cookie"], "Origin", ["Accept, Cookie, Origin"]),
        (["Accept-Encoding, ORIGIN"], "Origin", ["Accept-Encoding, ORIGIN"]),
        ([], "Accept, Origin", ["Accept, Origin"]),
        (["Accept"], "origin, ACCEPT", ["Accept, origin"]),
        (["Accept-Encoding"], "Accept", ["Accept-Encoding, Accept"]),
        (["*"], "Origin", ["*"]),
        (["Accept"], "*", ["*"]),
        (["Accept,\t* ,Cookie"], "Origin", ["*"]),
        (["Accept"], "Origin,\t*", ["*"]),
        (["a,\tc"], "c", ["a,\tc"]),
        (["a\t,c"], "A, d", ["a\t,c, d"]),
        (["x*y"], "Origin", ["x*y, Origin"]),
        (["x*"], "*y, z", ["x*, *y, z"]),
    ],
)
def test_vary_lists_every_name_once_in_one_header(
    present: list[str], added: str, vary: list[str]
) -> None:
    headers = MutableHeaders(raw=[(b"vary", value.encode()) for value in present])
    headers.add_vary_header(added)
    assert headers.getlist("vary") == vary


# Safety

BAD_PAIRS = [("a\r\nb", "1"), ("a", "1\r\nset-cookie: b"), ("a", "1\n"), ("a", "\r"), ("a\0", "")]


@pytest.mark.parametrize(("name", "value"), BAD_PAIRS)
def test_cr_lf_and_nul_are_refused_everywhere(name: str, value: str) -> None:
    headers = MutableHeaders()
    for change in (
        lambda: Headers({name: value}),
        lambda: headers.append(name, value),
        lambda: headers.setdefault(name, value),
        lambda: headers.update({name: value}),
        lambda: headers.__setitem__(name, value),
        lambda: headers | {name: value},
    ):
        with pytest.raises(ValueError, match="must not contain CR, LF or NUL"):
            change()
    assert headers.raw == []


def test_other_control_characters_are_the_callers_business() -> None:
    assert encode_header("A", "b\tc\x7f\u00a0") == (b"a", b"b\tc\x7f\xa0")


def test_beyond_latin_1_is_a_unicode_encode_error() -> None:
    with pytest.raises(UnicodeEncodeError):
        Headers({"a": "\u20ac"})


# Inverses

latin_1 = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"))
names = latin_1.filter(lambda name: name.lower().isascii()).map(str.lower)


@given(st.dictionaries(names, latin_1))
def test_what_is_put_in_comes_out(values: dict[str, str]) -> None:
    headers = Headers(values)
    assert headers.items() == list(values.items())
    assert Headers(raw=headers.raw) == headers


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.binary(max_size=3))))
def test_every_reading_agrees_with_the_pairs(raw: list[tuple[bytes, bytes]]) -> None:
    headers = Headers(raw=raw)
    for name in ("a", "b", "c", "d"):
        values = [value.decode("latin-1") for key, value in raw if key == name.encode()]
        assert headers.getlist(name) == values
        assert headers.get(name) == (values[0] if values else None)
        assert (name in headers) is bool(values)


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.binary(max_size=3))))
def test_copies_and_pickles_are_equal(raw: list[tuple[bytes, bytes]]) -> None:
    headers = MutableHeaders(raw=raw)
    for copied in (copy.deepcopy(headers), pickle.loads(pickle.dumps(headers))):
        assert type(copied) is MutableHeaders
        assert copied.raw == raw
        assert copied.raw is not raw
