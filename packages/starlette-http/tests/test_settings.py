"""Values that settings are read into."""

import pytest
from hypothesis import given, strategies as st

from starlette_http.settings import CommaSeparatedStrings, Secret


def test_secret_shows_itself_to_str_only() -> None:
    secret = Secret("swordfish")
    assert str(secret) == "swordfish"
    assert f"{secret}" == "swordfish"
    assert repr(secret) == "Secret('**********')"


def test_repr_of_a_secret_has_the_name_of_its_class() -> None:
    class Token(Secret):
        pass

    assert repr(Token("a")) == "Token('**********')"


def test_secret_is_true_when_its_value_is() -> None:
    assert Secret("a")
    assert not Secret("")


def test_secrets_are_not_compared_by_value() -> None:
    assert Secret("a") != Secret("a")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        ("a", ["a"]),
        ("a, b ,c", ["a", "b", "c"]),
        ("a,,b", ["a", "b"]),
        ("a, ,b", ["a", "", "b"]),
        ("'a', \"b, c\"", ["a", "b, c"]),
        (r"a\,b", ["a,b"]),
        ("a#b,c", ["a#b", "c"]),
        ("a b,c", ["a b", "c"]),
    ],
)
def test_text_is_split_at_commas(text: str, items: list[str]) -> None:
    assert list(CommaSeparatedStrings(text)) == items


def test_quote_that_is_not_closed_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="No closing quotation"):
        CommaSeparatedStrings("'a")


def test_any_iterable_gives_its_items() -> None:
    assert list(CommaSeparatedStrings(item for item in ["a", "b, c"])) == ["a", "b, c"]


def test_is_a_sequence() -> None:
    items = CommaSeparatedStrings("a, b, c")
    assert len(items) == 3
    assert items[0] == "a"
    assert items[1:] == ["b", "c"]
    assert "c" in items


def test_repr_and_str_of_comma_separated_strings() -> None:
    items = CommaSeparatedStrings("a, b")
    assert repr(items) == "CommaSeparatedStrings(['a', 'b'])"
    assert str(items) == "'a', 'b'"


def test_comma_separated_strings_are_not_compared_by_value() -> None:
    assert CommaSeparatedStrings("a") != CommaSeparatedStrings("a")


quotable = st.text(st.characters(exclude_characters="'\\", codec="utf-8"), min_size=1).map(
    str.strip
)


@given(st.lists(quotable))
def test_quoted_items_come_back(items: list[str]) -> None:
    text = ",".join(f"'{item}'" for item in items)
    assert list(CommaSeparatedStrings(text)) == items
