"""This name is the module object `starlette_staticfiles.staticfiles`."""

import sys
from typing import TYPE_CHECKING

import starlette_staticfiles.staticfiles as _target

if TYPE_CHECKING:
    from starlette_staticfiles.staticfiles import *  # noqa: F403

sys.modules[__name__] = _target
