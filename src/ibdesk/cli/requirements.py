"""Decides what is said where a command needs a library that is not installed; must not know the commands."""

import sys
from typing import NoReturn


def refuse(command: str, missing: ImportError, extra: str = "paper") -> NoReturn:
    """Ends the program, because `command` needs what is `missing` and comes with `extra`."""
    sys.exit(f"ibdesk {command} needs more than the core: install it with  pip install 'ibdesk[{extra}]'  ({missing})")
