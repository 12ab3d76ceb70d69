"""Runs a program of the user in this process as Python itself would, with ibdesk in place of other packages."""

import atexit
import os
import runpy
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import typer

from ibdesk import compat

OPTIONS_END_AT_THE_PROGRAM = {"allow_interspersed_args": False}
"""Settings by which everything after the program's name, options too, belongs to the program."""


class Program:
    """A program of the user: a Python file, or a module. Making it makes the process look as if Python had started it.

    Raises BadParameter if there is no such file.
    """

    def __init__(self, name: str, arguments: Sequence[str], is_module: bool) -> None:
        if not is_module and not Path(name).is_file():
            raise typer.BadParameter(f"there is no file {name!r}")
        self.name = name
        self._is_module = is_module
        sys.argv = [name, *arguments]
        sys.excepthook = sys.__excepthook__  # typer has replaced it

    def run(self) -> None:
        """Run the program to its end. Whatever it raises comes out, SystemExit too."""
        _set_path(os.getcwd() if self._is_module else os.path.dirname(os.path.realpath(self.name)))
        main = sys.modules["__main__"] = ModuleType("__main__")
        vars(main)["__builtins__"] = sys.modules["builtins"]
        if self._is_module:
            runpy._run_module_as_main(self.name)  # type: ignore[attr-defined]
            return
        path = os.path.abspath(self.name)
        main.__file__ = path
        main.__loader__ = SourceFileLoader("__main__", path)
        exec(compile(Path(path).read_bytes(), path, "exec", dont_inherit=True), vars(main))

    @classmethod
    def show(cls, error: BaseException) -> None:
        """Show an exception that came out of `run` as Python does, with a traceback that begins in the program."""
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code is not cls.run.__code__:
            trace = trace.tb_next
        begin = trace.tb_next if trace is not None else error.__traceback__
        sys.excepthook(type(error), error.with_traceback(begin), begin)


def _set_path(folder: str) -> None:
    if not sys.flags.safe_path:
        sys.path[0] = folder


class LastCleanup:
    """The last cleanup of the process, after everything else in it has ended.

    It removes `folder`, which is made with it. With `is_interrupted`, the process then ends by SIGINT.
    """

    def __init__(self) -> None:
        self.folder: Path = Path(tempfile.mkdtemp(prefix="ibdesk-"))
        self.is_interrupted = False
        self._process = os.getpid()
        # What is registered first is called last, so this comes before any line of the program runs.
        atexit.register(self)

    def __call__(self) -> None:
        if os.getpid() != self._process:
            return  # a forked process must not remove its parent's folder
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.is_interrupted:
            # A shell script that runs programs in a loop stops only when it sees that the signal ended the process.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)


def stand_in_for(names: Iterable[str], folder: Path) -> None:
    """Have the packages of these names be ibdesk, in this process and in the Python processes that it starts.

    `folder` gets what tells those. Raises BadParameter for a package that ibdesk cannot stand in for.
    """
    names = list(names)
    try:
        for name in names:
            compat.install(name)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if not names:
        return
    # The processes of multiprocessing need it, above all.
    for name in [*names, "eventkit"]:
        trigger = name if name in names else names[0]
        (folder / f"{name}.py").write_text(
            f"import sys\nfrom ibdesk import compat\ndel sys.modules[{name!r}]\n"
            f"compat.install({trigger!r})\nimport {name}\n"
        )
    # Some start methods of multiprocessing pass this list on, others the environment.
    sys.path.insert(1, str(folder))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
