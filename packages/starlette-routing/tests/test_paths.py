"""Path and host templates: compiling, filling in, and what is remembered about them."""

import gc
import re
import string
from typing import Any

import pytest
from hypothesis import given, strategies as st

from starlette_routing.convertors import CONVERTOR_TYPES, Convertor
from starlette_routing.paths import Template, compile_path, replace_params, template_of
from starlette_routing.routing import Route


async def _endpoint(request: Any) -> None: ...


@pytest.mark.parametrize(
    ("template", "pattern", "path_format"),
    [
        ("/", "^/$", "/"),
        ("/a.b", r"^/a\.b$", "/a.b"),
        ("/{a}", "^/(?P<a>[^/]+)$", "/{a}"),
        ("/a/{b:int}.json", r"^/a/(?P<b>[0-9]+)\.json$", "/a/{b}.json"),
        ("/a{b}c{d:path}", "^/a(?P<b>[^/]+)c(?P<d>.*)$", "/a{b}c{d}"),
        ("/{}", r"^/\{\}$", "/{}"),
        ("/{1a}", r"^/\{1a\}$", "/{1a}"),
        ("/{a:}", r"^/\{a:\}$", "/{a:}"),
        ("/{a: int}", r"^/\{a:\ int\}$", "/{a: int}"),
        ("/{a:int:x}", r"^/\{a:int:x\}$", "/{a:int:x}"),
    ],
)
def test_a_path_template_becomes_a_pattern_and_a_format(
    template: str, pattern: str, path_format: str
) -> None:
    regex, made, _ = compile_path(template)
    assert (regex.pattern, made) == (pattern, path_format)


@pytest.mark.parametrize(
    ("template", "pattern", "host_format"),
    [
        ("example.org", r"^example\.org$", "example.org"),
        ("{sub}.example.org:3600", r"^(?P<sub>[^/]+)\.example\.org$", "{sub}.example.org:3600"),
        ("example.{tld}", r"^example\.(?P<tld>[^/]+)$", "example.{tld}"),
        ("[::1]", r"^\[::1\]$", "[::1]"),
        ("[::1]:80", r"^\[::1\]$", "[::1]:80"),
        ("", "^$", ""),
    ],
)
def test_a_host_template_matches_either_case_and_no_port(
    template: str, pattern: str, host_format: str
) -> None:
    regex, made, _ = compile_path(template)
    assert (regex.pattern, made) == (pattern, host_format)
    assert regex.flags & re.IGNORECASE


def test_a_placeholder_gets_the_convertor_of_its_key() -> None:
    _, _, convertors = compile_path("/{a}/{b:int}")
    assert convertors == {"a": CONVERTOR_TYPES["str"], "b": CONVERTOR_TYPES["int"]}


def test_an_unknown_convertor_is_named() -> None:
    with pytest.raises(AssertionError) as caught:
        compile_path("/{a:foo}")
    assert str(caught.value) == "Unknown path convertor 'foo'"


def test_a_faulty_regular_expression_of_a_convertor_is_told_when_a_route_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Faulty(Lower):
        regex = "(?i)[a-z]+"

    monkeypatch.setitem(CONVERTOR_TYPES, "faulty", Faulty())
    with pytest.raises(re.error, match="global flags not at the start"):
        Route("/a/{x:faulty}", _endpoint)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("/{a}/{a}", "Duplicated param name a at path /{a}/{a}"),
        ("/{b}{a}/{a}{b:int}", "Duplicated param names a, b at path /{b}{a}/{a}{b:int}"),
    ],
)
def test_names_used_twice_are_named(template: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        compile_path(template)


@pytest.mark.parametrize(
    ("template", "path", "matches"),
    [
        ("/{a:int}", "/1\n", False),
        ("/{a:int}", "/\u0661", False),
        ("/{a:path}", "/a\nb\n", True),
        ("/{a}", "/a/b", False),
        ("/{a}", "/", False),
        ("/{a:float}", "/1.", False),
        ("/{a:uuid}", "/3f2504e0-4f89-11d3-9a0c-0305e82c330", False),
    ],
)
def test_the_whole_text_has_to_match(template: str, path: str, matches: bool) -> None:
    assert bool(compile_path(template)[0].fullmatch(path)) is matches


def test_placeholders_are_filled_in_and_their_names_used_up() -> None:
    _, path_format, convertors = compile_path("/{a}/{b:int}")
    params: dict[str, Any] = {"a": "x", "b": 5, "c": "left"}
    path, left = replace_params(path_format, convertors, params)
    assert path == "/x/5"
    assert left is params
    assert left == {"c": "left"}


def test_a_placeholder_without_a_value_stays() -> None:
    _, path_format, convertors = compile_path("/{a}/{b}")
    assert replace_params(path_format, convertors, {"b": "x"}) == ("/{a}/x", {})


def test_a_value_that_looks_like_a_placeholder_is_not_filled_in() -> None:
    _, path_format, convertors = compile_path("/{a}/{b}")
    assert replace_params(path_format, convertors, {"a": "{b}", "b": "{a}"}) == ("/{b}/{a}", {})


def test_no_values_give_both_arguments_back() -> None:
    params: dict[str, Any] = {}
    path, left = replace_params("/{a}", {"a": CONVERTOR_TYPES["str"]}, params)
    assert path == "/{a}"
    assert left is params


def test_what_would_end_the_path_is_encoded_in_values() -> None:
    _, path_format, convertors = compile_path("/{a}")
    path, _ = replace_params(path_format, convertors, {"a": "1?2#3%\n\x7f\u00e9"})
    assert path == "/1%3F2%233%%0A%7F\u00e9"


def test_an_error_of_the_convertor_passes() -> None:
    _, path_format, convertors = compile_path("/{a:int}")
    with pytest.raises(AssertionError, match="Negative integers are not supported"):
        replace_params(path_format, convertors, {"a": -1})


class Lower(Convertor[str]):
    regex = "[a-z]+"


@pytest.mark.parametrize(
    ("template", "prefix", "literal", "open_ended", "segments", "tail", "suffix"),
    [
        ("/a/b", "/a/b", True, False, ["", "a", "b"], False, "/a/b"),
        ("/a/", "/a/", True, False, ["", "a", ""], False, "/a/"),
        ("/a/{x}", "/a/", False, False, ["", "a", None], False, ""),
        ("/a/b{x}c/d", "/a/b", False, False, ["", "a", None, "d"], False, "c/d"),
        ("/{x}{y:int}", "/", False, False, ["", None], False, ""),
        ("/a/{x:path}", "/a/", False, True, ["", "a"], True, ""),
        ("/a/b{x:path}", "/a/b", False, True, ["", "a"], True, ""),
        ("/{y}/{x:path}", "/", False, False, ["", None], True, ""),
        ("/{x:path}/end", "/", False, False, [""], True, "/end"),
        ("/a/{x:lower}/b/{y}.c", "/a/", False, False, ["", "a"], True, ".c"),
    ],
)
def test_a_template_is_summed_up(
    monkeypatch: pytest.MonkeyPatch,
    template: str,
    prefix: str,
    literal: bool,
    open_ended: bool,
    segments: list[str | None],
    tail: bool,
    suffix: str,
) -> None:
    monkeypatch.setitem(CONVERTOR_TYPES, "lower", Lower())
    summary = template_of(compile_path(template)[0])
    assert isinstance(summary, Template)
    assert (summary.prefix, summary.literal, summary.open_ended) == (prefix, literal, open_ended)
    assert (summary.segments(), summary.suffix) == ((segments, tail), suffix)


@pytest.mark.parametrize("other", [re.compile("^/other-made$"), "^/a$", None])
def test_nothing_is_known_of_what_was_not_compiled_here(other: object) -> None:
    assert template_of(other) is None


def test_nothing_is_known_of_a_host_template() -> None:
    assert template_of(compile_path("{sub}.example.org")[0]) is None


def test_a_pattern_is_known_as_long_as_anybody_has_it() -> None:
    first = compile_path("/kept/by/its/second/owner")[0]
    re.purge()
    second = compile_path("/kept/by/its/second/owner")[0]
    del first
    gc.collect()
    assert template_of(second) is not None


segment = st.text(string.ascii_letters + "{}:.-_/%\n\u00e9", max_size=8)
placeholder = st.sampled_from(["{a}", "{b:int}", "{c:path}", "{d:float}", "{e:uuid}"])
templates = st.lists(segment | placeholder, max_size=6).map(lambda parts: "/" + "".join(parts))


@given(templates, st.text(alphabet="ab/1.\n{}", max_size=12))
def test_a_summary_holds_for_every_path_that_matches(template: str, path: str) -> None:
    try:
        regex = compile_path(template)[0]
    except (AssertionError, ValueError):
        return
    summary = template_of(regex)
    assert summary is not None
    path = "/" + path
    if regex.fullmatch(path):
        parts = path.split("/")
        assert path.startswith(summary.prefix)
        assert path.endswith(summary.suffix)
        assert path == summary.prefix or not summary.literal
        segments, tail = summary.segments()
        assert len(parts) > len(segments) if tail else True
        assert len(parts) == len(segments) or tail
        for part, known in zip(parts, segments, strict=False):
            assert part == known if known is not None else part
    else:
        assert not (summary.literal and path == summary.prefix)
        assert not (summary.open_ended and path.startswith(summary.prefix))


plain = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/?#\\"), min_size=1
)


@given(a=plain, b=st.integers(min_value=0, max_value=10**30), c=plain)
def test_what_is_filled_in_is_matched_again(a: str, b: int, c: str) -> None:
    regex, path_format, convertors = compile_path("/{a}/x{b:int}.y/{c:path}")
    path, _ = replace_params(path_format, convertors, {"a": a, "b": b, "c": c})
    match = regex.fullmatch(path)
    assert match is not None
    assert {name: convertors[name].convert(match[name]) for name in convertors} == {
        "a": a,
        "b": b,
        "c": c,
    }
