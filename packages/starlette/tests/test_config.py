"""Config and Environ."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from starlette.config import Config, Environ, EnvironError, environ, undefined


def config_of(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Config:
    file = tmp_path / ".env"
    file.write_text("\n".join(lines), encoding=encoding)
    return Config(file, environ={}, encoding=encoding)


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=file\nB=file")
    config = Config(file, environ={"A": "environ"})
    assert config("A", default="default") == "environ"
    assert config("B", default="default") == "file"
    assert config("C", default="default") == "default"


def test_a_key_that_is_nowhere_and_has_no_default_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="Config 'A' is missing, and has no default."):
        Config(environ={})("A")


def test_calling_and_get_are_the_same() -> None:
    config = Config(environ={"A": "1"})
    assert config("A", int, 0) == config.get("A", int, 0) == 1


def test_a_prefix_is_put_before_every_key(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("APP_B=2")
    config = Config(file, environ={"APP_A": "1"}, env_prefix="APP_")
    assert (config("A"), config("B")) == ("1", "2")
    assert config.env_prefix == "APP_"
    with pytest.raises(KeyError, match="Config 'APP_C' is missing"):
        config("C")


def test_a_missing_file_warns_and_counts_as_empty(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match=r"Config file '.*nothing' not found\."):
        config = Config(tmp_path / "nothing", environ={"A": "1"})
    assert config.file_values == {}
    assert config("A") == "1"


def test_the_file_is_read_in_the_given_encoding(tmp_path: Path) -> None:
    assert config_of(tmp_path, "A=é", encoding="latin-1")("A") == "é"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=1", "1"),
        ("  A  =  1  ", "1"),
        ("A=", ""),
        ("A=a=b", "a=b"),
        ("A = x # trailing", "x # trailing"),
        ("A = \"q 'x' \"", "q 'x' "),
        ("A='a\"", "'a\""),
        ('A=""q""', '"q"'),
        ("A='", "'"),
        ("A=''", ""),
    ],
)
def test_a_line_of_the_file(tmp_path: Path, line: str, value: str) -> None:
    assert config_of(tmp_path, line).file_values == {"A": value}


def test_comments_and_lines_without_an_equals_sign_are_skipped(tmp_path: Path) -> None:
    assert config_of(tmp_path, "# A=1", "  #B=2", "C", "", "D=4").file_values == {"D": "4"}


def test_export_is_no_keyword(tmp_path: Path) -> None:
    assert config_of(tmp_path, "export A=1").file_values == {"export A": "1"}


def test_a_later_line_wins(tmp_path: Path) -> None:
    assert config_of(tmp_path, "A=1", "A=2").file_values == {"A": "2"}


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z][A-Z0-9_]*", fullmatch=True),
        st.text(st.characters(exclude_categories=["C", "Z"])).map(lambda text: f'"{text}"'),
    )
)
def test_quoted_values_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]
) -> None:
    config = config_of(
        tmp_path_factory.mktemp("config"), *(f"{key}={value}" for key, value in values.items())
    )
    assert config.file_values == {key: value[1:-1] for key, value in values.items()}


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("TRUE", True), ("1", True), ("False", False), ("0", False)]
)
def test_a_boolean_is_true_or_false_or_a_digit_in_any_case(text: str, value: bool) -> None:
    assert Config(environ={"A": text})("A", cast=bool) is value


def test_another_text_is_no_boolean() -> None:
    with pytest.raises(ValueError, match="Config 'A' has value 'yes'. Not a valid bool."):
        Config(environ={"A": "YES"})("A", cast=bool)


def test_a_default_is_cast_as_well() -> None:
    config = Config(environ={})
    assert config("A", cast=int, default="3") == 3
    assert config("A", cast=bool, default=3) is True


def test_none_is_never_cast() -> None:
    assert Config(environ={})("A", cast=int, default=None) is None
    assert Config(environ={})("A", default=None) is None


@pytest.mark.parametrize("error", [TypeError, ValueError])
def test_what_the_cast_refuses_is_a_value_error(error: type[Exception]) -> None:
    def number(value: str) -> int:
        raise error

    with pytest.raises(ValueError, match="Config 'A' has value 'x'. Not a valid number."):
        Config(environ={"A": "x"})("A", cast=number)


def test_other_errors_of_the_cast_pass() -> None:
    def cast(value: str) -> int:
        raise LookupError(value)

    with pytest.raises(LookupError, match="^x$"):
        Config(environ={"A": "x"})("A", cast=cast)


def test_a_cast_without_a_name_is_told_by_its_repr() -> None:
    class Cast:
        def __call__(self, value: str) -> int:
            raise ValueError

        def __repr__(self) -> str:
            return "<cast>"

    with pytest.raises(ValueError, match="Not a valid <cast>."):
        Config(environ={"A": "x"})("A", cast=Cast())


def test_the_shared_environ_is_the_default() -> None:
    assert Config().environ is environ
    assert isinstance(undefined, type)


def test_a_variable_that_was_read_can_no_longer_be_set_or_deleted() -> None:
    variables = Environ({"A": "1"})
    assert variables["A"] == "1"
    with pytest.raises(
        EnvironError,
        match=r"Attempting to set environ\['A'\], but the value has already been read\.",
    ):
        variables["A"] = "2"
    with pytest.raises(EnvironError, match=r"Attempting to delete environ\['A'\]"):
        del variables["A"]


@pytest.mark.parametrize(
    "read", [lambda v: v.get("B"), lambda v: "B" in v, lambda v: Config(environ=v)("B", default="")]
)
def test_a_lookup_that_finds_nothing_counts_as_reading(read: object) -> None:
    variables = Environ({})
    read(variables)  # type: ignore[operator]
    with pytest.raises(EnvironError):
        variables["B"] = "1"


def test_what_nobody_read_can_be_changed() -> None:
    underlying = {"A": "1", "B": "2"}
    variables = Environ(underlying)
    assert (list(variables), len(variables)) == (["A", "B"], 2)
    variables["A"] = "3"
    del variables["B"]
    assert underlying == {"A": "3"}
