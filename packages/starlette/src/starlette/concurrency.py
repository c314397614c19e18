"""This name is the module object `starlette_http.concurrency`."""

import sys
from typing import TYPE_CHECKING

import starlette_http.concurrency as _target

if TYPE_CHECKING:
    from starlette_http.concurrency import *  # noqa: F403

sys.modules[__name__] = _target
