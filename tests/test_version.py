"""One version for the seven packages."""

import re
import tomllib
from pathlib import Path
from typing import Any

import starlette

ROOT = Path(__file__).resolve().parent.parent


def projects() -> list[dict[str, Any]]:
    return [
        tomllib.loads(path.read_text())["project"]
        for path in sorted(ROOT.glob("packages/*/pyproject.toml"))
    ]


def requirements(project: dict[str, Any]) -> list[str]:
    extras = project.get("optional-dependencies", {})
    return [*project["dependencies"], *(entry for extra in extras.values() for entry in extra)]


def test_there_are_seven_packages() -> None:
    assert len(projects()) == 7


def test_every_package_carries_the_version_that_starlette_tells() -> None:
    assert {project["version"] for project in projects()} == {starlette.__version__}


def test_every_pin_between_the_packages_is_exact_and_carries_it() -> None:
    pins = {
        requirement.partition("==")[2]
        for project in projects()
        for requirement in requirements(project)
        if requirement.startswith("starlette")
    }
    assert pins == {starlette.__version__}


def test_the_environments_that_install_wheels_ask_for_it() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert set(re.findall(r"\{matrix:component\}==([^\"]+)", text)) == {starlette.__version__}


def test_the_members_of_the_workspace_are_the_folders() -> None:
    environments = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["envs"]
    members = environments["default"]["workspace"]["members"]
    paths = [member if isinstance(member, str) else member["path"] for member in members]
    folders = [f"packages/{path.name}" for path in (ROOT / "packages").iterdir() if path.is_dir()]
    assert sorted(paths) == sorted(folders)
