"""State: attributes and items over one shared dict."""

import copy
import pickle
from collections import ChainMap
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, strategies as st

from starlette_http.state import State


class AppState(State):
    pass


def test_attributes_and_items_are_the_same_values() -> None:
    state = State()
    state.a = 1
    state["b"] = 2
    assert (state["a"], state.b) == (1, 2)


def test_dict_given_is_shared() -> None:
    values = {"a": 1}
    state = State(values)
    state.b = 2
    assert values == {"a": 1, "b": 2}
    assert state._state is values


def test_empty_dict_given_is_shared() -> None:
    values: dict[str, Any] = {}
    State(values).a = 1
    assert values == {"a": 1}


def test_missing_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="^'State' object has no attribute 'x'$"):
        State().x  # noqa: B018
    with pytest.raises(AttributeError, match="^'AppState' object has no attribute 'x'$"):
        AppState().x  # noqa: B018


def test_a_dict_that_is_written_to_is_seen_in_the_attributes() -> None:
    values = {"a": 1}
    state = State(values)
    assert state.a == 1
    values["a"] = 2
    assert state.a == 2
    del values["a"]
    assert not hasattr(state, "a")


def test_states_over_one_dict_see_each_other() -> None:
    values: dict[str, Any] = {}
    State(values).a = 1
    assert State(values).a == 1


def test_a_property_of_a_subclass_does_not_stop_a_value_of_its_name() -> None:
    class Named(State):
        @property
        def name(self) -> str:
            return self["name"].title()  # type: ignore[no-any-return]

    state = Named()
    state.name = "grace"  # type: ignore[misc]
    assert state.name == "Grace"


def test_a_state_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^State keeps its values in a mapping, not \['a'\]\.$"):
        State(["a"])  # type: ignore[arg-type]


def test_a_mapping_that_is_no_dict_is_shared() -> None:
    values = ChainMap({"a": 1}, {"b": 2})
    state = State(values)
    state.c = 3
    state["d"] = 4
    del state.c
    assert (state.a, state["b"], state.d, len(state)) == (1, 2, 4, 3)
    assert values.maps[0] == {"a": 1, "d": 4}
    values["e"] = 5
    assert state.e == 5
    assert set(state) == {"a", "b", "d", "e"}
    assert state._state == values


def test_what_a_mapping_lacks_is_missing() -> None:
    state = State(ChainMap())
    assert "x" not in state
    with pytest.raises(AttributeError, match="^'State' object has no attribute 'x'$"):
        state.x  # noqa: B018
    with pytest.raises(KeyError, match="x"):
        state["x"]
    with pytest.raises(KeyError, match="x"):
        del state.x


def test_a_mapping_that_cannot_be_written_to_says_so_itself() -> None:
    state = State(MappingProxyType({"a": 1}))
    assert state.a == 1
    with pytest.raises(TypeError, match="'mappingproxy' object does not support item assignment"):
        state.b = 2


class Lenient(State):
    def __getattr__(self, key: str) -> Any:
        try:
            return super().__getattr__(key)
        except AttributeError:
            return None


def test_a_subclass_can_give_a_default_for_what_is_missing() -> None:
    state = Lenient({"a": 1})
    assert (state.a, state.b, state.__getattr__("a")) == (1, None, 1)


def test_state_that_was_not_initialised_is_empty() -> None:
    state = State.__new__(State)
    with pytest.raises(AttributeError, match="^'State' object has no attribute 'x'$"):
        state.x  # noqa: B018


def test_missing_item_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="x"):
        State()["x"]


def test_deleting_removes_the_value_either_way() -> None:
    state = State({"a": 1, "b": 2})
    del state.a
    del state["b"]
    assert list(state) == []


def test_deleting_what_is_missing_is_a_key_error_either_way() -> None:
    state = State()
    with pytest.raises(KeyError, match="a"):
        del state.a
    with pytest.raises(KeyError, match="a"):
        del state["a"]


def test_iterates_its_keys_and_knows_its_length() -> None:
    state = State({"a": 1, "b": 2})
    assert list(state) == ["a", "b"]
    assert len(state) == 2
    assert "a" in state
    assert "c" not in state


def test_empty_state_is_falsy() -> None:
    assert not State()


def test_equality_is_identity() -> None:
    assert State({"a": 1}) != State({"a": 1})


def test_key_named_like_the_inner_dict_is_a_key() -> None:
    state = State()
    state._state = {"x": 1}  # type: ignore[misc]
    assert state["_state"] == {"x": 1}
    assert len(state) == 1


DUPLICATES: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    *(
        lambda state, protocol=protocol: pickle.loads(pickle.dumps(state, protocol))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ),
]
duplicates = pytest.mark.parametrize("duplicate", DUPLICATES)


@duplicates
def test_copies_have_their_own_dict(duplicate: Callable[[Any], Any]) -> None:
    original = AppState({"a": 1})
    copied = duplicate(original)
    copied.b = 2
    assert type(copied) is AppState
    assert dict(copied._state) == {"a": 1, "b": 2}
    assert "b" not in original


@duplicates
def test_an_empty_state_can_be_copied(duplicate: Callable[[Any], Any]) -> None:
    original = State()
    duplicate(original).a = 1
    assert len(original) == 0


@pytest.mark.parametrize("duplicate", DUPLICATES[1:])
def test_a_deep_copy_of_a_state_that_holds_itself_holds_itself(
    duplicate: Callable[[Any], Any],
) -> None:
    original = State()
    original.itself = original
    copied = duplicate(original)
    assert copied is not original
    assert copied.itself is copied


def test_a_shallow_copy_of_a_state_that_holds_itself_holds_the_original() -> None:
    original = State()
    original.itself = original
    assert copy.copy(original).itself is original


class Pool(State):
    """A state whose constructor takes something else than a dict."""

    def __init__(self, size: int, *, name: str) -> None:
        super().__init__({"size": size, "name": name})


@duplicates
def test_a_copy_does_without_the_constructor_of_a_subclass(
    duplicate: Callable[[Any], Any],
) -> None:
    copied = duplicate(Pool(3, name="main"))
    assert type(copied) is Pool
    assert (copied.size, copied.name) == (3, "main")


@duplicates
def test_a_copy_does_not_ask_a_subclass_for_what_is_missing(
    duplicate: Callable[[Any], Any],
) -> None:
    assert duplicate(Lenient({"a": 1})).a == 1


@duplicates
def test_what_kind_of_mapping_it_was_does_not_matter_to_a_copy(
    duplicate: Callable[[Any], Any],
) -> None:
    class Local(dict[str, Any]):  # which cannot be pickled
        pass

    assert duplicate(State(Local(a=1))).a == 1
    assert duplicate(State(MappingProxyType({"a": 1}))).a == 1


@given(st.dictionaries(st.text(), st.integers() | st.text()))
def test_pickle_keeps_every_value(values: dict[str, Any]) -> None:
    copied = pickle.loads(pickle.dumps(State(values)))
    assert {key: copied[key] for key in copied} == values
