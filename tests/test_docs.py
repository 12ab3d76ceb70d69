"""Pages of the documentation that are made from the source are as the source has it."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

_spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
assert _spec is not None and _spec.loader is not None
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)


@pytest.mark.parametrize("file", generate.PAGES)
def test_the_page_is_fresh(file: str) -> None:
    assert (ROOT / file).read_text() == generate.PAGES[file](), "run python docs/generate.py"


def test_every_message_has_a_section() -> None:
    page = generate.messages_page()
    for one in generate.messages():
        assert f"\n## {one.name}\n" in page
        assert f"(#{one.name.lower()})" in page


def test_every_version_has_a_line() -> None:
    page = generate.versions_page()
    assert [f"| {number} | " in page for number in range(generate.V.MIN + 1, generate.V.MAX + 1)] == [True] * 68
