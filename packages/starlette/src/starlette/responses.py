"""This name is the module object `starlette_http.responses`."""

import sys
from typing import TYPE_CHECKING

import starlette_http.responses as _target

if TYPE_CHECKING:
    from starlette_http.responses import *  # noqa: F403

sys.modules[__name__] = _target
