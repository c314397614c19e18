"""Tables of routes made by chance, and requests to them, over ours and over upstream's.

What they come to must be the same, except where upstream leaves a placeholder in a URL: a parameter
that is missing is a NoMatchFound here.
"""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

Outcomes = dict[str, tuple[str, str]]
Evaluate = Callable[[list[str], Path], Outcomes]

_SEGMENTS = "a|b|{x}|{y:int}|{z:float}|{u:uuid}|a{w}b|{v:int}.json|a-b|{p:path}".split("|")
_UUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
_PIECES = ["a", "b", "1", "1.5", "axb", "a-b", "2.json", "0" * 32, "", "\u00e9", "x y"]
_PARAMS = {"x": "q", "y": 1, "z": 1.5, "u": _UUID, "w": "w", "v": 2, "p": "p/q", "path": "/k"}
_HOSTS = [{}, {"host": "a.org"}, {"host": "x.y.org:80"}, {"host": "A.ORG"}, {"host": "a b"}]
_PLACEHOLDER = re.compile(r"\{(\w+)(?::\w+)?}")

TEMPLATES = [
    *(
        "/a/{b:int}.json",
        "/{a}{b}",
        "/{a}/{a}",
        "/{a}/{b}/{a}/{b}",
        "/{a:foo}",
        "/{}",
        "/{1a}",
        "/.+*",
    ),
    *("/{a:}", "/{a: int}", "/{a:int:x}", "", "a.org", "{a}.b.org:3600", "[::1]:80", "{a}:80"),
]


class Tables:
    """Expressions over tables of routes; one seed always gives the same."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.paths: list[str] = []
        self.names: list[tuple[str, str]] = []

    def expressions(self) -> list[str]:
        """One table, and what is asked of it."""
        table = self.table("", "", depth=0)
        requests = [f"routed({table}, {self.request()})" for _ in range(15)]
        return [*requests, *(f"named({table}, {self.name()})" for _ in range(5))]

    def table(self, prefix: str, names: str, depth: int) -> str:
        count = self.random.randint(1, 5)
        return f"[{', '.join(self.route(prefix, names, depth) for _ in range(count))}]"

    def route(self, prefix: str, names: str, depth: int) -> str:
        choose = self.random.choice
        path, kind = self.template(), self.random.random()
        if kind < 0.7 or depth == 2:
            name = choose([None, "n0", "n1"])
            self.paths.append(prefix + path)
            self.names.append((names + (name or "show"), prefix + path))
            if kind < 0.1:
                return f"WebSocketRoute({path!r}, talk, name={name!r})"
            methods = choose([None, ["GET"], ["POST"], ["get", "put"]])
            return (
                f"Route({path!r}, {choose(['show', 'Shown()'])}, methods={methods}, name={name!r})"
            )
        if kind < 0.9 or depth:
            path, name = path.replace("{p:path}", "q"), choose([None, "m", ""])
            within = f"{names}{'' if name is None else name + ':'}"
            self.names.append((names + (name or ""), f"{prefix}{path}{{path}}"))
            below = self.table(prefix + path.rstrip("/"), within, depth + 1)
            return f"Mount({path!r}, routes={below}, name={name!r})"
        host, name = choose(["a.org", "{sub}.org", "{sub}.org:80"]), choose([None, "h"])
        below = self.table(prefix, f"{names}{'' if name is None else name + ':'}", depth + 1)
        return f"Host({host!r}, Router({below}), name={name!r})"

    def template(self) -> str:
        segments = self.random.sample(_SEGMENTS, self.random.randint(0, 3))
        return "/" + "/".join(segments) + self.random.choice(["", "", "/"])

    def request(self) -> str:
        choose = self.random.choice
        path = "/" + "/".join(choose(_PIECES) for _ in range(self.random.randint(0, 4)))
        if self.random.random() < 0.7:
            path = _PLACEHOLDER.sub(lambda found: str(_PARAMS[found[1]]), choose(self.paths))
            path += choose(["", "", "", "/", "x"])
        root_path = choose(["", "", "/a", "/api"])
        parts = f"{root_path + path!r}, root_path={root_path!r}, headers={choose(_HOSTS)}"
        if self.random.random() < 0.2:
            return f"{parts}, type='websocket', scheme='ws'"
        return f"{parts}, method={choose(['GET', 'GET', 'POST', 'HEAD'])!r}, query=b'q=1'"

    def name(self) -> str:
        name, path = self.random.choice(self.names)
        params = {key: _PARAMS[key] for key in _PLACEHOLDER.findall(path)}
        if self.random.random() < 0.3:
            params["sub"] = "s"
        return f"{name!r}, **{params}"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory, evaluate: Evaluate) -> Outcomes:
    tables = [expression for seed in range(200) for expression in Tables(seed).expressions()]
    templates = [f"template({path!r})" for path in TEMPLATES]
    return evaluate([*templates, *tables], tmp_path_factory.mktemp("none"))


def test_templates_are_compiled_to_the_same(outcomes: Outcomes) -> None:
    for path in TEMPLATES:
        ours, upstream = outcomes[f"template({path!r})"]
        assert ours == upstream, path


def test_requests_get_the_same_answers(outcomes: Outcomes) -> None:
    asked = {key: pair for key, pair in outcomes.items() if key.startswith("routed(")}
    assert {key: pair for key, pair in asked.items() if pair[0] != pair[1]} == {}
    for shown in ("'status': 200", "'status': 307", "'status': 405", "websocket.accept"):
        assert sum(shown in ours for ours, _ in asked.values()) > 30, shown


def test_names_give_the_same_urls(outcomes: Outcomes) -> None:
    asked = {key: pair for key, pair in outcomes.items() if key.startswith("named(")}
    whole = {key: pair for key, pair in asked.items() if "{" not in pair[1]}
    assert {key: pair for key, pair in whole.items() if pair[0] != pair[1]} == {}
    assert sum(not ours.startswith("NoMatchFound") for ours, _ in whole.values()) > 100
