"""This name is the module object `starlette_middleware.base`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.base as _target

if TYPE_CHECKING:
    from starlette_middleware.base import *  # noqa: F403
    from starlette_middleware.base import (
        _CachedRequest as _CachedRequest,
        _StreamingResponse as _StreamingResponse,
    )

sys.modules[__name__] = _target
