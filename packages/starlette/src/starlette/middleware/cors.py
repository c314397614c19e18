"""This name is the module object `starlette_middleware.cors`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.cors as _target

if TYPE_CHECKING:
    from starlette_middleware.cors import *  # noqa: F403

sys.modules[__name__] = _target
