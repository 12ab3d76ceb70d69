"""The message of a command that needs libraries which are not installed."""

import sys
from typing import NoReturn


def refuse(command: str, missing: ImportError, extra: str = "paper") -> NoReturn:
    """End the program with a message, because `command` needs what is `missing` and belongs to `extra`."""
    sys.exit(f"ibdesk {command} needs more than the core: install it with  pip install 'ibdesk[{extra}]'  ({missing})")
