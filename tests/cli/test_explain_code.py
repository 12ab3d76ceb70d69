"""The command `ibdesk explain-code`."""

import subprocess

from cli.commands import answer_of

from ibdesk import codes


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return answer_of("explain-code", *words)


def test_codes_are_explained_in_the_order_in_which_they_are_given():
    done = run("10349", "201")
    assert done.stdout == f"{codes.explain(10349)}\n\n{codes.explain(201)}\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_words_are_searched():
    assert run("minimum", "Price variation").stdout == f"{codes.explain(110)}\n\n{codes.explain(168)}\n"


def test_what_is_not_known_is_told():
    done = run("201", "99999")
    assert (done.returncode, done.stdout, done.stderr) == (1, f"{codes.explain(201)}\n", "unknown: 99999\n")
    done = run("xyzzy")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "no code has the words 'xyzzy' in its text\n"
