"""Decides what `importlib.metadata` tells of a package that ibdesk stands in for; must not know which these are."""

import os
from importlib.metadata import Distribution
from pathlib import Path


class StandIn(Distribution):
    """A package that is not installed: a name and a version."""

    def __init__(self, name: str, version: str) -> None:
        self._name, self._version = name, version

    def read_text(self, filename: str) -> str | None:
        """The metadata; there are no other files."""
        if filename != "METADATA":
            return None
        return f"Metadata-Version: 2.1\nName: {self._name}\nVersion: {self._version}\n"

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        """Where a file of it would be."""
        return Path(__file__).parent / path
