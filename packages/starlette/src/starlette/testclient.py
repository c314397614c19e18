"""This name is the module object `starlette_testclient.testclient`."""

import sys
from typing import TYPE_CHECKING

import starlette_testclient.testclient as _target

if TYPE_CHECKING:
    from starlette_testclient.testclient import *  # noqa: F403

sys.modules[__name__] = _target
