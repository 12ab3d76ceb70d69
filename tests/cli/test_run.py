"""The command `ibdesk run`: a program ends, prints and fails as under Python itself, and finds ibdesk as ib_async."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli.commands import answer_of

RUN = [sys.executable, "-m", "ibdesk", "run"]


def done(command: list[str], folder: Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, **options)


PROGRAMS = {
    "what it finds": """
import os, sys
print(sys.argv, __name__, __file__, __spec__, sys.path[0], os.getcwd())
print(sys.modules["__main__"].__dict__ is globals(), type(__loader__).__name__, __builtins__.__name__)
import beside
""",
    "a text as its end": "import sys; sys.exit('no money')",
    "a number as its end": "import sys; sys.exit(3)",
    "an end without a number": "raise SystemExit",
    "an error": "def f():\n    raise ValueError('x')\n\nf()\n",
    "an error with a cause": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise OSError(5, 'x') from e\n",
    "an error with a handler of its own": "import sys\nsys.excepthook = lambda *e: print('mine', e[1])\n1 / 0\n",
    "no Python": "def f(:\n",
    "Ctrl-C": "import atexit\natexit.register(print, 'last words')\nprint('before')\nraise KeyboardInterrupt\n",
    "an end of file": "raise EOFError('x')",
    "work left to the end": """
import atexit, threading
started = threading.Event()
def late():
    started.wait()
    print("thread", flush=True)
threading.Thread(target=late).start()
atexit.register(print, "atexit")
started.set()
""",
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_program_runs_as_under_python(tmp_path: Path, text: str):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "program.py").write_text(text)
    (tmp_path / "folder" / "beside.py").write_text("print('a module beside it')")
    arguments = ["folder/program.py", "-m", "--as", "x", "--", "--help"]
    expected = done([sys.executable, *arguments], tmp_path)
    found = done([*RUN, *arguments], tmp_path)
    assert found.stdout == expected.stdout
    assert found.stderr == expected.stderr
    assert found.returncode == expected.returncode


MODULES = {
    "a package": (
        "package/__main__.py",
        "import sys; print(sys.argv, __name__, __package__, __spec__.name, sys.path[0])",
    ),
    "a module with an error": ("package/__main__.py", "1 / 0"),
    "no such module": ("other.py", ""),
}


@pytest.mark.parametrize(("path", "text"), MODULES.values(), ids=MODULES.keys())
def test_a_module_runs_as_under_python(tmp_path: Path, path: str, text: str):
    (tmp_path / "package").mkdir()
    (tmp_path / path).write_text(text)
    expected = done([sys.executable, "-m", "package", "x", "-y"], tmp_path)
    found = done([*RUN, "-m", "package", "x", "-y"], tmp_path)
    assert found.stdout == expected.stdout
    assert found.stderr == expected.stderr
    assert found.returncode == expected.returncode


def test_a_signal_ends_it_as_it_ends_python(tmp_path: Path):
    (tmp_path / "program.py").write_text(
        # A launcher may have it ignored, as nohup and a shell's & do.
        "import signal, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "print('here', flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([*RUN, "program.py"], cwd=tmp_path, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGINT
    assert errors.startswith("Traceback (most recent call last):\n  File ")
    assert errors.endswith("KeyboardInterrupt\n")


def test_only_the_packages_that_are_named(tmp_path: Path):
    (tmp_path / "program.py").write_text("import ib_insync")
    assert "No module named 'ib_insync'" in done([*RUN, "--as", "ib_async", "program.py"], tmp_path).stderr
    assert done([*RUN, "program.py"], tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.py"], "there is no file 'none.py'"),
        (["--as", "ibapi", "program.py"], "not for 'ibapi'"),
        ([], "Missing"),
    ],
)
def test_arguments_that_make_no_sense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str):
    (tmp_path / "program.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    found = answer_of("run", *arguments)
    assert found.returncode == 2
    assert said in found.stderr
