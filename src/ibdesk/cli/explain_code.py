"""The command `ibdesk explain-code`, which looks up IBKR's numeric codes."""

from typing import Annotated

import typer

from ibdesk import codes


def explain_code(
    words: Annotated[
        list[str], typer.Argument(help="Codes, such as 201 10349, or words from their texts.", show_default=False)
    ],
) -> None:
    """Explain IBKR's codes: what they mean, what they do to an order or request, and what to do about them."""
    if all(word.isdecimal() for word in words):
        wanted = [int(word) for word in words]
    else:
        wanted = codes.search(" ".join(words))
        if not wanted:
            _not_found(f"no code has the words {' '.join(words)!r} in its text")
    unknown = [code for code in wanted if code not in codes.table()]
    if known := [codes.explain(code) for code in wanted if code not in unknown]:
        print("\n\n".join(known))
    if unknown:
        _not_found(f"unknown: {', '.join(map(str, unknown))}")


def _not_found(what: str) -> None:
    typer.echo(what, err=True)
    raise typer.Exit(1)
