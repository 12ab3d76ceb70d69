"""What `importlib.metadata` tells of a package in whose place ibdesk is imported."""

import os
from importlib.metadata import Distribution
from pathlib import Path


class StandIn(Distribution):
    """A package that is not installed: a name and a version."""

    def __init__(self, name: str, version: str) -> None:
        self._name, self._version = name, version

    def read_text(self, filename: str) -> str | None:
        """Return the metadata; there are no other files."""
        if filename != "METADATA":
            return None
        return f"Metadata-Version: 2.1\nName: {self._name}\nVersion: {self._version}\n"

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        """Return where a file of it would be."""
        return Path(__file__).parent / path
