"""The part of a path that an application has to match."""

import pytest
from hypothesis import given, strategies as st

from starlette_http.paths import get_route_path


@pytest.mark.parametrize(
    ("path", "root_path", "expected"),
    [
        ("/a", "", "/a"),
        ("/api/a", "/api", "/a"),
        ("/api/", "/api", "/"),
        ("/api", "/api", ""),
        ("/apix", "/api", "/apix"),
        ("/a", "/api", "/a"),
        ("/api/api/a", "/api", "/api/a"),
        ("", "", ""),
    ],
)
def test_root_is_taken_off_at_the_end_of_a_segment(
    path: str, root_path: str, expected: str
) -> None:
    assert get_route_path({"path": path, "root_path": root_path}) == expected


@pytest.mark.parametrize(
    ("path", "root_path", "expected"),
    [("/api/a", "/api/", "/a"), ("/api/", "/api/", "/"), ("/a", "/", "/a"), ("/", "/", "/")],
)
def test_final_slash_of_the_root_means_nothing(path: str, root_path: str, expected: str) -> None:
    assert get_route_path({"path": path, "root_path": root_path}) == expected


def test_scope_without_a_root_has_the_whole_path() -> None:
    assert get_route_path({"path": "/a"}) == "/a"


@pytest.mark.parametrize(
    ("path", "root_path", "app_root_path", "expected"),
    [
        ("/m/a", "/api/m", "/api", "/a"),
        ("/m/a", "/api/m", "/api/", "/a"),
        ("/m", "/api/m/", "/api", ""),
        ("/api/m/a", "/api/m", "/api", "/a"),
        ("/mx", "/api/m", "/api", "/mx"),
        ("/m/a", "/apix/m", "/api", "/m/a"),
        ("/a", "/api", "/api", "/a"),
        ("/a", "/m", "", "/a"),
    ],
)
def test_without_the_servers_prefix_only_what_mounts_added_is_taken_off(
    path: str, root_path: str, app_root_path: str, expected: str
) -> None:
    scope = {"path": path, "root_path": root_path, "app_root_path": app_root_path}
    assert get_route_path(scope) == expected


segments = st.lists(st.sampled_from(["a", "b", "ab", ""]), max_size=4).map(
    lambda parts: "".join("/" + part for part in parts)
)


@given(root=segments, path=segments)
def test_what_is_put_below_a_root_is_found_there(root: str, path: str) -> None:
    root = root.rstrip("/")
    assert get_route_path({"path": root + path, "root_path": root}) == path


@given(root=segments, path=segments)
def test_route_path_is_a_tail_of_the_path(root: str, path: str) -> None:
    assert path.endswith(get_route_path({"path": path, "root_path": root}))
