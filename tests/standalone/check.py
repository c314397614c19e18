"""One package, from its wheel, in an environment that holds what it asks for and nothing else.

`hatch run wheels && hatch env remove standalone && hatch run standalone:check` makes such an
environment for each requirement in `designed.py` and runs this file in it, as a script, since
pytest would be something else.
"""

import importlib
import pkgutil
import re
import runpy
import sys
import warnings
from importlib.metadata import distributions
from pathlib import Path

from tests.standalone.designed import DESIGNED, LACKS, MISSING, NEEDS, OURS, USES
from tests.standalone.runner import run

USE = Path(__file__).resolve().parent / "use"
COMMAND = re.compile(r"Install it with: pip install '([\w\[\]-]+)'$")


class Standalone:
    """The tests, for a requirement such as "starlette-http[forms]"."""

    def __init__(self, requirement: str) -> None:
        self.requirement = requirement
        self.package = requirement.partition("[")[0]
        self.ours = OURS[self.package] | {self.package}

    def test_exactly_the_designed_distributions_came_along(self) -> None:
        installed = {found.name.lower().replace("_", "-") for found in distributions()}
        designed = self.ours | set(DESIGNED[self.requirement].split())
        installed.discard("typing-extensions")  # anyio's, on some Pythons; ours only below 3.13
        assert installed == designed, f"installed {installed}, designed {designed}"

    def test_the_packages_are_the_wheels_and_not_the_sources(self) -> None:
        files = [
            str(importlib.import_module(name.replace("-", "_")).__file__) for name in self.ours
        ]
        assert all("site-packages" in file for file in files), files

    def test_every_module_imports_or_names_the_command_that_installs_its_extra(self) -> None:
        root = importlib.import_module(self.package.replace("-", "_"))
        names = [m.name for m in pkgutil.walk_packages(root.__path__, f"{root.__name__}.")]
        assert len(names) > 3, names
        missing = {extra for name in names if (extra := missing_extra(name))}
        assert missing == set(MISSING[self.requirement].split()), missing

    def test_a_small_real_thing_is_done_with_it(self) -> None:
        for program in USES[self.requirement].split():
            runpy.run_path(str(USE / f"{program}.py"))

    def test_what_needs_an_extra_names_the_command_that_installs_it(self) -> None:
        for program in LACKS.get(self.requirement, "").split():
            assert lacking_extra(program) == NEEDS[program], program


def missing_extra(module: str) -> str:
    """The extra that a module lacks, by the last words of its error; "" where it is imported."""
    try:
        importlib.import_module(module)
    except (ImportError, RuntimeError) as error:
        if command := COMMAND.search(str(error)):
            return command[1]
        raise
    return ""


def lacking_extra(program: str) -> str:
    """The extra that a program of `use/` lacks, by the last words of its error."""
    try:
        runpy.run_path(str(USE / f"{program}.py"))
    except (AssertionError, ImportError, RuntimeError) as error:
        if command := COMMAND.search(str(error)):
            return command[1]
        raise
    raise AssertionError(f"{program} ran without its extra.")


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # deprecated modules warn when they are imported
    requirement = Standalone(sys.argv[1])
    run(sys.argv[1], {name: getattr(requirement, name) for name in dir(requirement)})
