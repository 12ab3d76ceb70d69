"""What is given away: a source distribution with all that its tests need, and a README whose links work anywhere."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import pytest

import ibdesk

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT: dict[str, Any] = PYPROJECT["project"]
HATCH: dict[str, Any] = PYPROJECT["tool"]["hatch"]
README = (ROOT / "README.md").read_text("utf-8")
HOME = PROJECT["urls"]["Homepage"]
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")

BY_ITSELF = {"LICENSE", "pyproject.toml", ".gitignore"}
"""What hatchling puts into every source distribution."""


def tracked() -> set[str]:
    """The files of the project."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout, which tells what belongs to the project")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name for name in names.split("\0") if name and (ROOT / name).exists()}


def test_the_source_distribution_is_meant_to_hold_the_whole_project() -> None:
    included = {name.removeprefix("/") for name in HATCH["build"]["targets"]["sdist"]["include"]}
    assert {name.partition("/")[0] for name in tracked()} == included | BY_ITSELF


def test_the_source_distribution_holds_the_whole_project_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("hatch_fancy_pypi_readme")
    builder = pytest.importorskip("hatchling.builders.sdist").SdistBuilder(str(ROOT))
    (archive,) = builder.build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    expected = tracked()
    assert expected - names == set()
    assert {name for name in names - expected if name.split("/")[0] not in HATCH["build"]["targets"]} == {"PKG-INFO"}


def shown_by_the_index() -> str:
    """The README as the build writes it into the metadata."""
    text = README
    for one in HATCH["metadata"]["hooks"]["fancy-pypi-readme"]["substitutions"]:
        text = re.sub(one["pattern"], one["replacement"], text)
    return text


def test_links_of_the_readme_work_on_the_package_index() -> None:
    before, after = LINK.findall(README), LINK.findall(shown_by_the_index())
    assert len(before) == len(after) > 5
    assert any("://" not in target for _, target in before)
    for (image, relative), (_, absolute) in zip(before, after, strict=True):
        if "://" in relative:
            assert absolute == relative
            continue
        assert (ROOT / relative).exists(), relative
        page = f"{HOME}/blob/main/{relative}"
        raw = f"{HOME.replace('github.com', 'raw.githubusercontent.com')}/main/{relative}"
        assert absolute == (raw if image else page)


def test_every_address_of_the_project_is_of_one_place() -> None:
    assert set(PROJECT["urls"]) >= {"Homepage", "Documentation", "Changelog", "Issues"}
    assert all(url.startswith(HOME) for url in PROJECT["urls"].values())
    for url in PROJECT["urls"].values():
        path = re.sub(r"^/(?:blob|tree)/main/", "", url.removeprefix(HOME))
        assert path in ("", "/issues") or (ROOT / path).exists(), url


def test_the_readme_lists_every_extra() -> None:
    install = README.partition("\n## Install\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([\w-]+)` \|", install, re.MULTILINE) != []
    assert set(re.findall(r"^\| `([\w-]+)` \|", install, re.MULTILINE)) == set(PROJECT["optional-dependencies"])
    assert "ibdesk --version" in install
    assert "ibdesk --install-completion" in install


def command(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    program = "import sys; sys.argv[0] = 'ibdesk'; from ibdesk.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def test_there_is_one_version() -> None:
    assert PROJECT["version"] == ibdesk.__version__ == ".".join(map(str, ibdesk.__version_info__))
    told = command("--version")
    assert (told.returncode, told.stdout, told.stderr) == (0, f"ibdesk {ibdesk.__version__}\n", "")


@pytest.mark.parametrize(("begun", "expected"), [("ex", ["explain", "explain-code"]), ("paper --se", ["--seed"])])
def test_a_shell_completes_commands_and_options(begun: str, expected: list[str]) -> None:
    words = f"ibdesk {begun}"
    told = command(_IBDESK_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1))
    assert told.stdout.split() == expected
    assert "_IBDESK_COMPLETE=complete_bash" in command(_IBDESK_COMPLETE="source_bash").stdout
