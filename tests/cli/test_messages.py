"""The command `ibdesk messages`."""

import subprocess

from cli.commands import answer_of

from ibdesk.wire import listing
from ibdesk.wire.catalogue import messages


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return answer_of("messages", *arguments)


def test_it_lists_every_message() -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[2] for line in lines[1 : 1 + len(messages())]] == [one.name for one in messages()]
    assert lines[-2:] == [listing.summary(listing.rows()), listing.LEGEND]


def test_it_lists_those_of_one_end() -> None:
    lines = run("--from", "server").stdout.splitlines()
    assert {line.split()[0] for line in lines[1:-3]} == {"server"}


def test_it_shows_one_by_name_or_id() -> None:
    shown = run("tickprice").stdout
    assert shown.startswith("TickPrice, message 1 of the server\n")
    assert run("1", "--from", "server").stdout == shown


def test_it_helps_with_a_name_that_it_does_not_know() -> None:
    done = run("OpenOrdr")
    assert done.returncode == 2
    assert "no message is called 'OpenOrdr'" in done.stderr.replace("\n", " ")
    assert "OpenOrder" in done.stderr.replace("'OpenOrdr'", "")
