"""This name is the module object `starlette_http.exceptions`."""

import sys
from typing import TYPE_CHECKING

import starlette_http.exceptions as _target

if TYPE_CHECKING:
    from starlette_http.exceptions import *  # noqa: F403

sys.modules[__name__] = _target
