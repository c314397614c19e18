"""This name is the module object `starlette_http.status`."""

import sys
from typing import TYPE_CHECKING

import starlette_http.status as _target

if TYPE_CHECKING:
    from starlette_http.status import *  # noqa: F403
    from starlette_http.status import __deprecated__ as __deprecated__, __getattr__ as __getattr__

sys.modules[__name__] = _target
