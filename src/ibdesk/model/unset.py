"""The values that mean "not given" in IBKR's API."""

import sys
from datetime import UTC, datetime
from typing import Final

UNSET_INTEGER: Final = 2**31 - 1
"""The value of an `int` field that is not given."""

UNSET_LONG: Final = 2**63 - 1
"""The value of a 64-bit `int` field that is not given."""

UNSET_DOUBLE: Final = sys.float_info.max
"""The value of a `float` field that is not given."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The value of a point in time that is not known yet."""
