"""The command `ibdesk messages`, which lists the messages of the protocol."""

from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated

import typer

from ibdesk.wire import listing
from ibdesk.wire.catalogue import Description, Sender
from ibdesk.wire.catalogue import messages as every_message


class From(StrEnum):
    """The sender of a message, as an option on the command line."""

    client = "client"
    server = "server"


def messages(
    name: Annotated[
        str | None, typer.Argument(help="A message to show in full, by its name or its id.", show_default=False)
    ] = None,
    sender: Annotated[
        From | None, typer.Option("--from", help="Only messages that this end sends.", show_default=False)
    ] = None,
) -> None:
    """List every message of the protocol with its server versions and what verified it, or show one in full."""
    chosen = [one for one in every_message() if sender is None or one.sender is Sender(sender.value)]
    if name is not None:
        print("\n".join(listing.page(one) for one in _named(name, chosen)), end="")
        return
    ids = {(one.sender.value, one.id) for one in chosen}
    rows = [row for row in listing.rows() if (row.sender, row.id) in ids]
    print(listing.table(rows))
    print(listing.summary(rows))
    print(listing.LEGEND)


def _named(name: str, chosen: list[Description]) -> list[Description]:
    """Return the messages that have this name, in upper or lower case, or this id."""
    found = [one for one in chosen if name.lower() == one.name.lower() or name == str(one.id)]
    if not found:
        near = get_close_matches(name.lower(), [one.name.lower() for one in chosen], n=3)
        names = [one.name for one in chosen if one.name.lower() in near]
        hint = f"; did you mean {' or '.join(names)}?" if names else ""
        raise typer.BadParameter(f"no message is called {name!r}{hint}")
    return found
