"""Reading Cookie headers."""

from http.cookies import SimpleCookie

import pytest
from hypothesis import given, strategies as st

from starlette_http.cookies import cookie_parser


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("", {}),
        ("a=b", {"a": "b"}),
        ("a=b; c=d", {"a": "b", "c": "d"}),
        ("a=b;c=d", {"a": "b", "c": "d"}),
        (" a = b ; c=d ", {"a": "b", "c": "d"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=", {"a": ""}),
        ("=b", {"": "b"}),
        ("b", {"": "b"}),
        (" ; =; ;a=1", {"a": "1"}),
        ("a=1; a=2", {"a": "2"}),
        ("a=%20+", {"a": "%20+"}),
        ('{"k":1}=[1,2]; a,b=c/d@e', {'{"k":1}': "[1,2]", "a,b": "c/d@e"}),
    ],
)
def test_header_is_read_as_pairs(header: str, cookies: dict[str, str]) -> None:
    assert cookie_parser(header) == cookies


@pytest.mark.parametrize(
    ("value", "unquoted"),
    [
        ('"b c"', "b c"),
        (r'"say \"hi\""', 'say "hi"'),
        (r'"a\073b"', "a;b"),
        (r'"\303\251"', "\u00c3\u00a9"),
        (r'"\\"', "\\"),
        (r'"\400"', "400"),
        ('""', ""),
        ('"', '"'),
        ('"open', '"open'),
        ('shut"', 'shut"'),
        (r"a\073b", r"a\073b"),
    ],
)
def test_value_between_double_quotes_is_unquoted(value: str, unquoted: str) -> None:
    assert cookie_parser(f"a={value}") == {"a": unquoted}


def test_quotes_do_not_protect_a_semicolon() -> None:
    assert cookie_parser('a="b;c"') == {"a": '"b', "": 'c"'}


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=20)))
def test_what_the_standard_library_writes_is_read(cookies: dict[str, str]) -> None:
    latin = {name: value.encode("utf-8").decode("latin-1") for name, value in cookies.items()}
    quoted = "; ".join(
        f"{name}={SimpleCookie().value_encode(value)[1]}" for name, value in latin.items()
    )
    assert cookie_parser(quoted) == latin


@given(st.text())
def test_any_text_is_read_as_stripped_names_and_values(text: str) -> None:
    for name, value in cookie_parser(text).items():
        assert name == name.strip()
        assert value in text or '"' in text
