"""This name is the module object `starlette_http.background`."""

import sys
from typing import TYPE_CHECKING

import starlette_http.background as _target

if TYPE_CHECKING:
    from starlette_http.background import *  # noqa: F403

sys.modules[__name__] = _target
