"""What ibdesk shows of its verification is what the tests of this folder verify."""

from conformance.record import FILE, record


def test_the_record_is_fresh() -> None:
    assert FILE.read_text() == record(), "run python tests/conformance/record.py"
