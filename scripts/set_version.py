"""Give the seven packages one version: `hatch run set-version 1.10.101`.

The version stands in each package's pyproject.toml, in every exact pin between the packages, in
the environments of the root pyproject.toml that install built wheels, and in
`starlette.__version__`; `tests/test_version.py` fails when any of them drifts.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = r"[0-9][0-9A-Za-z.]*"
PLACES = {
    "packages/*/pyproject.toml": [
        rf'(?m)^(version = "){VERSION}(")$',
        rf'("starlette(?:-[a-z]+)?(?:\[[a-z0-9,]+\])?==){VERSION}(")',
    ],
    "pyproject.toml": [rf'("\{{matrix:component\}}==){VERSION}(")'],
    "packages/starlette/src/starlette/__init__.py": [rf'(?m)^(__version__ = "){VERSION}(")$'],
}


def set_version(version: str, root: Path = ROOT) -> None:
    """Write `version` at every place of the tree under `root`."""
    if not re.fullmatch(VERSION, version):
        raise SystemExit(f"{version!r} is no version number; write one such as 1.10.101")
    for pattern, expressions in PLACES.items():
        for path in sorted(root.glob(pattern)):
            text = path.read_text()
            for expression in expressions:
                text = re.sub(expression, rf"\g<1>{version}\g<2>", text)
            path.write_text(text)


if __name__ == "__main__":
    set_version(sys.argv[1])
