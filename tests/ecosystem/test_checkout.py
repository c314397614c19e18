"""The packages run on this checkout, not on a Starlette that one of them brought along."""

from importlib.metadata import requires
from pathlib import Path

import fastapi
from packaging.requirements import Requirement

import starlette
import starlette_http.requests

PACKAGES = Path(__file__).resolve().parents[2] / "packages"


def test_starlette_is_this_checkout() -> None:
    assert PACKAGES in Path(str(starlette.__file__)).parents


def test_fastapi_stands_on_this_checkout() -> None:
    assert fastapi.Request is starlette_http.requests.Request


def test_fastapi_accepts_the_version() -> None:
    needs = [Requirement(line) for line in requires("fastapi") or ()]
    (starlettes,) = (need for need in needs if need.name == "starlette")
    assert starlettes.specifier.contains(starlette.__version__)
