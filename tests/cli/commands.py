"""Runs a command in the process of the test, where nothing but its answer is asked about: a process costs a second."""

import contextlib
import io
import subprocess
import sys
from unittest.mock import patch

from ibdesk import cli


def answer_of(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Return what `ibdesk` with these arguments prints, and how it ends."""
    command = ["ibdesk", *map(str, arguments)]
    out, errors, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors), patch.object(sys, "argv", command):
        try:
            cli.main()
        except SystemExit as end:
            # A text as its end is for the interpreter to print.
            if isinstance(end.code, str):
                print(end.code, file=errors)
            code = 1 if isinstance(end.code, str) else end.code or 0
    return subprocess.CompletedProcess(command, code, out.getvalue(), errors.getvalue())
