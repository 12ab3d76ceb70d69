"""The tables of states: whole, closed in themselves, and kept to by two ends whose bytes are on their way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.errors import ProtocolError
from ibdesk.session import states
from ibdesk.session.connection import Connection, Opened
from ibdesk.session.states import START, TRANSITIONS, TURNS, ConnectionStates, End, Kind, State, after, kind_of
from ibdesk.wire import catalogue
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.layout import blank
from ibdesk.wire.messages.connection import (
    CurrentTime,
    ManagedAccounts,
    NextValidId,
    ReqCurrentTime,
    StartApi,
)

CLIENT, SERVER = Sender.CLIENT, Sender.SERVER
Pair = tuple[State, State]


def both(of: ConnectionStates) -> Pair:
    return of[CLIENT].state, of[SERVER].state


def allowed(pair: Pair) -> dict[tuple[Sender, Kind], Pair]:
    """What can be sent in these states of client and server, and where it leads, by the tables."""
    found = {}
    for sender in Sender:
        for kind, following in TRANSITIONS[sender][pair[sender is SERVER]].items():
            moved = (following, pair[1]) if sender is CLIENT else (pair[0], following)
            found[sender, kind] = TURNS.get(moved, moved)
    return found


def reachable() -> set[Pair]:
    """All states in which a connection can be."""
    found: set[Pair] = set()
    new = [(START[CLIENT], START[SERVER])]
    while new:
        pair = new.pop()
        if pair not in found:
            found.add(pair)
            new += [(State.CLOSED, State.CLOSED), *allowed(pair).values()]
    return found


class TestTables:
    def test_every_row_and_every_turn_is_of_use(self) -> None:
        pairs = reachable()
        for index, sender in enumerate((CLIENT, SERVER)):
            assert {pair[index] for pair in pairs} == set(TRANSITIONS[sender])
        assert {state for pair in pairs for state in pair} == set(State)
        assert pairs.isdisjoint(TURNS), "a turn is taken at once"

    def test_there_is_always_a_way_on_until_it_is_closed(self) -> None:
        assert [pair for pair in reachable() if not allowed(pair)] == [(State.CLOSED, State.CLOSED)]

    @pytest.mark.parametrize("sender", Sender)
    def test_an_open_end_may_send_each_of_its_messages_and_no_other(self, sender: Sender) -> None:
        own = {kind_of(blank(one.cls)) for one in catalogue.messages() if one.sender is sender} | {Kind.MESSAGE}
        if sender is SERVER:
            own.add(kind_of(ManagedAccounts("DU1")))
        for state, row in TRANSITIONS[sender].items():
            assert set(row) == own if state.is_open else set(row).isdisjoint(own)

    @pytest.mark.parametrize("sender", Sender)
    def test_an_open_end_stays_open_and_other_messages_change_nothing(self, sender: Sender) -> None:
        for state, row in TRANSITIONS[sender].items():
            if state.is_open:
                assert row[Kind.MESSAGE] is state
                assert all(following.is_open for following in row.values())

    def test_the_handshake_is_over_for_both_at_once(self) -> None:
        for client, server in reachable():
            assert client.is_open == server.is_open

    def test_the_docstring_draws_all_of_them(self) -> None:
        for state in State:
            assert state.name in (states.__doc__ or "")

    def test_an_empty_list_of_accounts_names_none(self) -> None:
        assert kind_of(ManagedAccounts(",")) is Kind.MESSAGE
        assert kind_of(ManagedAccounts("DU1,")) is Kind.ACCOUNTS


class TestConnectionStates:
    def test_from_the_first_byte_until_programs_may_use_it(self) -> None:
        of = ConnectionStates()
        seen = [both(of)]
        for sender, kind in (
            (CLIENT, Kind.PREFIX),
            (CLIENT, Kind.VERSIONS),
            (SERVER, Kind.ANSWER),
            (CLIENT, Kind.START_API),
            (SERVER, Kind.MESSAGE),
            (SERVER, Kind.ACCOUNTS),
            (SERVER, Kind.NEXT_VALID_ID),
        ):
            of.send(sender, kind)
            seen.append(both(of))
        assert seen == [
            (State.PREFIX, State.WAITING),
            (State.VERSIONS, State.WAITING),
            (State.WAITING, State.ANSWER),
            (State.OPEN, State.OPEN),
            (State.STARTED, State.OPEN),
            (State.STARTED, State.OPEN),
            (State.STARTED, State.NAMED),
            (State.STARTED, State.READY),
        ]
        assert of[CLIENT].is_final
        assert of[SERVER].is_final

    @given(st.lists(st.none() | st.tuples(st.sampled_from(Sender), st.sampled_from(Kind))))
    def test_nothing_leads_anywhere_that_is_not_in_the_tables(self, steps: list[tuple[Sender, Kind] | None]) -> None:
        of, pairs = ConnectionStates(), reachable()
        for step in steps:
            before = both(of)
            if step is None:
                of.close()
                assert both(of) == (State.CLOSED, State.CLOSED)
            elif step in allowed(before):
                assert of[step[0]].check(step[1]) is after(step[0], before[step[0] is SERVER], step[1])
                of.send(*step)
                assert both(of) == allowed(before)[step]
            else:
                with pytest.raises(ProtocolError, match=f"{step[1].name} cannot be sent"):
                    of.send(*step)
                assert both(of) == before
            assert both(of) in pairs

    def test_what_cannot_be_sent_is_named_with_the_state(self) -> None:
        end = End(SERVER)
        with pytest.raises(ProtocolError) as waiting:
            end.check(Kind.NEXT_VALID_ID, NextValidId)
        end.enter(State.READY)
        with pytest.raises(ProtocolError) as ready:
            end.check(Kind.START_API, StartApi)
        assert [str(waiting.value), str(ready.value)] == [
            "NextValidId cannot be sent: the connection is not open (the server is in state WAITING)",
            "StartApi cannot be sent: no server sends it (the server is in state READY)",
        ]


MESSAGES: dict[Sender, tuple[Any, ...]] = {
    CLIENT: (StartApi(7), ReqCurrentTime()),
    SERVER: (NextValidId(1), ManagedAccounts("DU1"), ManagedAccounts(""), CurrentTime(7)),
}


@given(st.data())
def test_what_one_end_sends_is_what_the_other_accepts(data: st.DataObject) -> None:
    """Two ends send whatever their states allow, while bytes in pieces of any size are on their way."""
    ends = {CLIENT: Connection(CLIENT), SERVER: Connection(SERVER, time="now")}
    on_the_way = {CLIENT: b"", SERVER: b""}
    sent: dict[Sender, list[Any]] = {CLIENT: [], SERVER: []}
    arrived: dict[Sender, list[Any]] = {CLIENT: [], SERVER: []}

    def deliver(sender: Sender, size: int) -> None:
        on_the_way[sender] += ends[sender].data_to_send()
        piece, on_the_way[sender] = on_the_way[sender][:size], on_the_way[sender][size:]
        arrived[sender] += [one for one in ends[sender.peer].receive_data(piece) if not isinstance(one, Opened)]

    for _ in range(data.draw(st.integers(0, 40))):
        sender = data.draw(st.sampled_from(Sender))
        if data.draw(st.booleans()):
            deliver(sender, data.draw(st.integers(1, 40)))
            continue
        message = data.draw(st.sampled_from(MESSAGES[sender]))
        if ends[sender].own_state.is_open:
            ends[sender].send(message)
            sent[sender].append(message)
        else:
            with pytest.raises(ProtocolError, match=f"{type(message).__name__} cannot be sent"):
                ends[sender].send(message)
        assert (ends[CLIENT].own_state, ends[CLIENT].peer_state) in reachable()
        assert (ends[SERVER].peer_state, ends[SERVER].own_state) in reachable()
    for _ in range(2):  # an answer of the handshake may still be on its way, and all that comes after
        for sender in Sender:
            deliver(sender, 1 << 20)
    assert arrived == sent
    assert ends[CLIENT].own_state is ends[SERVER].peer_state
    assert ends[SERVER].own_state is ends[CLIENT].peer_state
