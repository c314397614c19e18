"""Empty dist/ before a build: hatch's own `--clean` would empty it once per package."""

import shutil
from pathlib import Path

shutil.rmtree(Path(__file__).resolve().parent.parent / "dist", ignore_errors=True)
