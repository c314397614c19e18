"""Accept-Encoding and Accept, by quality values."""

import pytest
from hypothesis import given, strategies as st

from starlette_http.negotiation import names_media_type, parse_weights, preferred_encoding

OFFERED = ("zstd", "br", "gzip")


@pytest.mark.parametrize(
    ("header", "weights"),
    [
        ("gzip", {"gzip": 1.0}),
        ("GZip, BR", {"gzip": 1.0, "br": 1.0}),
        ("gzip;q=0.5,br;q=1.0", {"gzip": 0.5, "br": 1.0}),
        (" gzip ; Q = 0.25 , * ; q=0", {"gzip": 0.25, "*": 0.0}),
        ("*;q=.2", {"*": 0.2}),
        ("gzip;q=1.", {"gzip": 1.0}),
        ("gzip;q=0.123456", {"gzip": 0.123456}),
        ("gzip;q=0, gzip;q=0.4, gzip;q=0.2", {"gzip": 0.4}),
        (",, ,gzip,", {"gzip": 1.0}),
        (";q=1", {}),
        ("", {}),
        ("text/html;level=1;q=0.5", {"text/html": 0.5}),
        ('text/html;a="x,y;q=0";q=0.7, a/b', {"text/html": 0.7, "a/b": 1.0}),
        (r'text/html;a="\",";q=0.7', {"text/html": 0.7}),
        ('text/html;a="never closed, a/b;q=1', {"text/html": 1.0}),
    ],
)
def test_weights_by_name(header: str, weights: dict[str, float]) -> None:
    assert parse_weights(header) == weights


@pytest.mark.parametrize("weight", ["", "high", "1.5", "2", "-1", "+1", "1e0", "nan", "1_0", "٠"])
def test_malformed_weight_is_not_acceptable(weight: str) -> None:
    assert parse_weights(f"gzip;q={weight}") == {"gzip": 0.0}


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("x-gzip, gzip;q=0", None),
        ("notgzip", None),
        ("gzip;q=0", None),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br;q=0.9", "gzip"),
        ("*", "zstd"),
        ("*, zstd;q=0", "br"),
        ("*;q=0", None),
        ("*;q=0, gzip", "gzip"),
        ("identity", None),
        ("identity;q=0", None),
        ("gzip, identity", "gzip"),
        ("gzip;q=0.5, identity", None),
        ("gzip;q=0.5, identity;q=0.4", "gzip"),
    ],
)
def test_preferred_encoding(header: str | None, chosen: str | None) -> None:
    assert preferred_encoding(header, OFFERED) == chosen


def test_long_header_is_read_to_its_end() -> None:
    header = ", ".join(f"x{number}" for number in range(100)) + ", br"

    assert preferred_encoding(header, OFFERED) == "br"


def test_nothing_offered_is_nothing_preferred() -> None:
    assert preferred_encoding("*", ()) is None


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        ("text/html", True),
        ("TEXT/HTML", True),
        ("application/json, text/html;q=0.1", True),
        ("text/html;level=1", True),
        ("text/html;q=0", False),
        ("text/htmlx", False),
        ("text/*", False),
        ("*/*", False),
        ("", False),
        (None, False),
    ],
)
def test_media_type_by_name(header: str | None, answer: bool) -> None:
    assert names_media_type(header, "text/html") is answer


@given(st.text(alphabet='gzipbr*q=;,." \\01x/') | st.text())
def test_any_text_is_parsed_and_weights_are_between_0_and_1(header: str) -> None:
    assert all(0.0 <= weight <= 1.0 for weight in parse_weights(header).values())


@given(st.dictionaries(st.from_regex("[a-z]{1,6}", fullmatch=True), st.integers(0, 1000)))
def test_weights_survive_being_written(weights: dict[str, int]) -> None:
    header = ", ".join(f"{name};q={thousandths / 1000}" for name, thousandths in weights.items())

    assert parse_weights(header) == {name: n / 1000 for name, n in weights.items()}


@given(st.lists(st.sampled_from(["gzip", "br", "*", "identity", "gzip;q=0", "br;q=0.5"])))
def test_choice_is_always_one_of_those_offered(members: list[str]) -> None:
    assert preferred_encoding(",".join(members), ("br", "gzip")) in ("br", "gzip", None)


def test_unterminated_strings_take_linear_time() -> None:
    assert parse_weights('gzip;a="' + '\\"' * 50_000) == {"gzip": 1.0}
