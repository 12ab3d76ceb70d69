"""Scenarios are read as they are written, and what cannot be meant is refused by name."""

import re
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from paper.faults.plans import ANY, SCENARIOS

from ibdesk.errors import ScenarioError
from ibdesk.paper.faults import KINDS, After, Before, Byte, Cut, NightlyReset, Scenario, Stall, Swallow
from ibdesk.paper.faults import scenario as module
from ibdesk.paper.faults.kinds import settings_of

NEW_YORK = ZoneInfo("America/New_York")


@given(SCENARIOS)
def test_what_is_written_is_read(scenario):
    assert Scenario.from_text(scenario.text()) == scenario


@given(ANY)
def test_defaults_are_not_written(fault):
    lines = Scenario([fault]).text().splitlines()
    assert not {"  client: null", "  message: null", "  linger: 0.0", "  direction: both"} & set(lines)


def test_a_scenario_as_a_person_writes_it(tmp_path):
    file = tmp_path / "night.yaml"
    file.write_text(
        """
        seed: 7
        faults:
          - {kind: cut, at: 90}
          - {kind: nightly_reset, at: 23:45, times: 2}
          - kind: cut
            at: 2026-11-02T14:30
            linger: 20
          - {kind: cut, at: '2026-11-02 14:30:00.5+00:00'}
          - {kind: swallow, at: {before: OrderStatus, number: 3, client: 1}}
          - {kind: cut, at: {after: PlaceOrder}}
          - {kind: stall, at: {byte: 100, direction: from_client}, seconds: 5}
        """
    )
    assert Scenario.read(file) == Scenario(
        [
            Cut(90),
            NightlyReset(time(23, 45), times=2),
            Cut(datetime(2026, 11, 2, 14, 30, tzinfo=NEW_YORK), linger=20),
            Cut(datetime(2026, 11, 2, 14, 30, 0, 500_000, tzinfo=UTC)),
            Swallow(Before("OrderStatus", 3, 1)),
            Cut(After("PlaceOrder")),
            Stall(Byte(100, "from_client"), 5),
        ],
        7,
    )


def test_an_empty_scenario():
    assert Scenario.from_text("{}") == Scenario() == Scenario.from_text(Scenario().text())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "f.yaml: a scenario has the keys seed and faults, and this is None"),
        ("[]", "f.yaml: a scenario has the keys seed and faults, and this is []"),
        ("sed: 1", "f.yaml: unknown key 'sed': there are seed, faults"),
        ("seed: 1.5", "f.yaml: seed is a whole number, not 1.5"),
        ("seed: 010", "f.yaml: seed is a whole number, not '010'"),
        ("seed: yes", "f.yaml: seed is a whole number, not 'yes'"),
        ("seed: true", "f.yaml: seed is a whole number, not True"),
        ("faults: 3", "f.yaml: faults=3: it is a list"),
        ("faults: [3]", "f.yaml, faults[0]: a fault has keys such as kind and at, and this is 3"),
        ("faults: [{at: 3}]", "f.yaml, faults[0]: kind=None: it is one of cut, stall, "),
        ("faults: [{kind: [], at: 3}]", "f.yaml, faults[0]: kind=[]: it is one of cut, stall, "),
        ("faults: [{kind: cut}]", "f.yaml, faults[0] (cut): at=None: it is a number of seconds after the start"),
        ("faults: [{kind: cut, at: true}]", "f.yaml, faults[0] (cut): at=True: it is a number of seconds"),
        ("faults: [{kind: cut, at: -3}]", "f.yaml, faults[0] (cut): at=-3: it is a number of seconds from 0 to"),
        ("faults: [{kind: cut, at: .inf}]", "f.yaml, faults[0] (cut): at='.inf': it is no time such as 23:45"),
        ("faults: [{kind: cut, at: 25:45}]", "f.yaml, faults[0] (cut): at='25:45': it is no time such as 23:45"),
        ("faults: [{kind: cut, at: soon}]", "f.yaml, faults[0] (cut): at='soon': it is no time such as 23:45"),
        ("faults: [{kind: cut, at: {}}]", "f.yaml, faults[0] (cut): at={}: it has one of the keys before, after, byte"),
        (
            "faults: [{kind: cut, at: {before: A, after: B}}]",
            "f.yaml, faults[0] (cut): at={'before': 'A', 'after': 'B'}: it has one of the keys before, after, byte",
        ),
        (
            "faults: [{kind: cut, at: {before: OrderStatus, nummer: 3}}]",
            "f.yaml, faults[0] (cut): at has the key 'nummer', and it may be one of before, number, client",
        ),
        (
            "faults: [{kind: cut, at: {before: Orderstatus}}]",
            "f.yaml, faults[0] (cut): message='Orderstatus': it is the name of a message, such as PlaceOrder",
        ),
        (
            "faults: [{kind: cut, at: {before: OrderStatus, number: 0}}]",
            "f.yaml, faults[0] (cut): number=0: it is a whole number from 1 to",
        ),
        (
            "faults: [{kind: cut, at: 1}, {kind: cut, at: 1, client: -1}]",
            "f.yaml, faults[1] (cut): client=-1: it is a client id, from 0 to 2147483647",
        ),
        (
            "faults: [{kind: cut, at: 1, lingers: 1}]",
            "f.yaml, faults[0] (cut): unknown key 'lingers': there are at, client, byte, linger, reset",
        ),
        ("faults: [{kind: kill_client, at: 3}]", "f.yaml, faults[0] (kill_client): a fault of this kind needs client"),
        ("faults: [{kind: cut, at: 1, reset: no}]", "f.yaml, faults[0] (cut): reset='no': it is true or false"),
        ("a: 1\na: 2", "f.yaml, line 2: the key 'a' stands there twice"),
        ("? [a]\n: 3", "f.yaml, line 1: the key ['a'] is no text"),
        ("1: 2", "f.yaml, line 1: the key 1 is no text"),
        ("a: &x 1\nb: *x", "f.yaml, line 1: references are not read"),
        ("a: !!python/name:os.system x", "f.yaml, line 1: tags are not read"),
        ("seed: !!str 3", "f.yaml, line 1: tags are not read"),
        ("<<: {seed: 1}", "f.yaml: unknown key '<<': there are seed, faults"),
        ("seed: 1\n---\nseed: 2", "f.yaml, line 2: but found another document"),
        ("[" * 1000, "f.yaml, line 1: it is nested too deeply"),
        ('seed: "', "f.yaml, line 1: found unexpected end of stream"),
        ("seed: \x07", "f.yaml: unacceptable character #x0007"),
        ("seed: " + "1" * 5000, "f.yaml: Exceeds the limit (4300 digits)"),
    ],
)
def test_what_cannot_be_meant(text, told):
    with pytest.raises(ScenarioError, match="^" + re.escape(told)) as caught:
        Scenario.from_text(text, "f.yaml")
    assert caught.value.path == "f.yaml"


def test_control_characters_are_spelled():
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_text('faults: [{kind: "\\e[2J\\n"}]', "a\nb.yaml")
    assert str(caught.value).isprintable()


def test_files_that_are_too_large(tmp_path, monkeypatch):
    file = tmp_path / "f.yaml"
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    file.write_text("seed: 1     ")
    with pytest.raises(ScenarioError, match=f"^{re.escape(str(file))}: it has more than 10 bytes$"):
        Scenario.read(file)


def test_files_that_are_no_text(tmp_path):
    file = tmp_path / "f.yaml"
    file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ScenarioError, match="it is no text in UTF-8"):
        Scenario.read(file)


def test_files_that_are_missing(tmp_path):
    with pytest.raises(ScenarioError, match=r"none\.yaml: it cannot be read: No such file or directory$"):
        Scenario.read(tmp_path / "none.yaml")


def test_too_many_faults(monkeypatch):
    monkeypatch.setattr(module, "MOST_FAULTS", 2)
    text = "faults: [{kind: cut, at: 1}, {kind: cut, at: 1}, {kind: cut, at: 1}]"
    with pytest.raises(ScenarioError, match=r"^a scenario has at most 2 faults, not 3$"):
        Scenario.from_text(text)
    with pytest.raises(ValueError, match=r"^a scenario has at most 2 faults, not 3$"):
        Scenario([Cut(1)] * 3)


def test_what_is_no_fault():
    with pytest.raises(ValueError, match=r"^faults has 'cut', which is no fault$"):
        Scenario(["cut"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_made_by_its_name(kind):
    assert KINDS[kind].__name__.lower() == kind.replace("_", "")


DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "reference" / "faults.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_each_scenario_of_the_documentation_is_read(block):
    assert Scenario.from_text(block).faults


def test_the_documentation_has_every_kind_and_field():
    text = DOCUMENT.read_text()
    for kind, cls in KINDS.items():
        row = re.search(rf"^\| `{kind}` \| (.*?) \|", text, re.MULTILINE)
        assert row, kind
        assert re.findall(r"`(\w+)`", row[1]) == [each.name for each in settings_of(cls)], kind
    assert {fault.kind for block in BLOCKS for fault in Scenario.from_text(block).faults} == set(KINDS)
