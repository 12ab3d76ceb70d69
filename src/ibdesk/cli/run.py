"""The command `ibdesk run`, which runs a program written for ib_async on ibdesk, in the way Python itself runs it."""

import atexit
import os
import runpy
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Annotated, NoReturn

import typer

from ibdesk import compat

OPTIONS_END_AT_THE_PROGRAM = {"allow_interspersed_args": False}
"""Settings by which everything after the program's name, options too, belongs to the program."""


def run(
    program: Annotated[str, typer.Argument(help="A Python file; with -m the name of a module.", show_default=False)],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="The program's own arguments.", show_default=False)
    ] = None,
    packages: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="|".join(compat.STANDS_IN_FOR),
            help="A package that ibdesk stands in for; can be repeated. Without it: all of them.",
            show_default=False,
        ),
    ] = None,
    module: Annotated[bool, typer.Option("-m", help="Run a module, as python -m does.")] = False,
) -> None:
    """Run a program that imports ib_async or ib_insync, unmodified, on ibdesk."""
    if not module and not Path(program).is_file():
        raise typer.BadParameter(f"there is no file {program!r}")
    # From here on the process must look as if Python had started the program: its modules, arguments and way to end.
    names = packages or list(compat.STANDS_IN_FOR)
    try:
        for name in names:
            compat.install(name)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    end = _End()
    _tell_children(end.folder, names)
    sys.argv = [program, *(arguments or [])]
    _as_python_does(_run_module if module else _run_file, program, end)


class _End:
    """The last cleanup of the process, after everything else in it has ended."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ibdesk-"))
        self.interrupted = False
        self._process = os.getpid()
        # What is registered first is called last, so this comes before any line of the program runs.
        atexit.register(self)

    def __call__(self) -> None:
        if os.getpid() != self._process:
            return  # a forked process must not remove its parent's folder
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.interrupted:
            # A shell script that runs programs in a loop stops only when it sees that the signal ended the process.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)


def _tell_children(folder: Path, names: list[str]) -> None:
    """Make Python processes that the program starts find ibdesk under these names too, as multiprocessing needs."""
    for name in [*names, "eventkit"]:
        trigger = name if name in names else names[0]
        (folder / f"{name}.py").write_text(
            f"import sys\nfrom ibdesk import compat\ndel sys.modules[{name!r}]\n"
            f"compat.install({trigger!r})\nimport {name}\n"
        )
    # Some start methods of multiprocessing pass this list on, others the environment.
    sys.path.insert(1, str(folder))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


def _run_file(program: str) -> None:
    path = os.path.abspath(program)
    _set_path(os.path.dirname(os.path.realpath(program)))
    main = _new_main()
    main.__file__ = path
    main.__loader__ = SourceFileLoader("__main__", path)
    exec(compile(Path(path).read_bytes(), path, "exec", dont_inherit=True), vars(main))


def _run_module(name: str) -> None:
    _set_path(os.getcwd())
    _new_main()
    runpy._run_module_as_main(name)  # type: ignore[attr-defined]


def _set_path(folder: str) -> None:
    if not sys.flags.safe_path:
        sys.path[0] = folder


def _new_main() -> ModuleType:
    main = sys.modules["__main__"] = ModuleType("__main__")
    vars(main)["__builtins__"] = sys.modules["builtins"]
    return main


def _as_python_does(function: Callable[[str], None], program: str, end: _End) -> NoReturn:
    """Call a function and end the process as Python does, with a traceback that begins in the program."""
    sys.excepthook = sys.__excepthook__  # typer has replaced it
    try:
        function(program)
    except SystemExit:
        raise
    except BaseException as error:
        here = error.__traceback__
        below = here.tb_next.tb_next if here is not None and here.tb_next is not None else None
        end.interrupted = isinstance(error, KeyboardInterrupt)
        sys.excepthook(type(error), error.with_traceback(below), below)
        sys.exit(1)
    sys.exit(0)
