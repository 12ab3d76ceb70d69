"""What the tests of the wire share."""

from collections.abc import Iterator

import pytest

from ibdesk.wire import compiled


@pytest.fixture(scope="package", autouse=True)
def _compiled_at_once() -> Iterator[None]:
    """Compile a codec at the first message of its kind, so that the second one of a test is its work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "MANY", 0)
        yield
