"""Commands whose help shows no type for flags: typer writes `<bool>`, although a flag takes no value."""

from typing import Any

from typer.core import TyperCommand, TyperGroup


class _PlainFlags:
    """A command that shows no type for its flags, `--help` among them."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters of the command."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for one in parameters:
            if getattr(one, "is_flag", False) or getattr(one, "count", False):
                one.metavar = ""
        return parameters


class Command(_PlainFlags, TyperCommand):
    """A command of ibdesk."""


class Group(_PlainFlags, TyperGroup):
    """All commands of ibdesk."""
