"""What can go wrong in driving an oracle; knows no particular oracle.

::

    OracleError
    +-- OracleRefused    it reported an error to its user instead of sending anything
    +-- OracleFault      it raised, dropped the message, or cannot speak that server version
"""


class OracleError(Exception):
    """An oracle gave no answer."""


class OracleRefused(OracleError):
    """The client reported `code` and `text` to its user and sent nothing."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class OracleFault(OracleError):
    """The oracle failed on what it was given; an exception of its own is the `__cause__`."""
