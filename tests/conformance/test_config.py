"""The settings of TWS: what ibdesk writes google's runtime reads, and the other way, value by value.

The official client has no callback for them but the one with the raw protobuf message.
"""

from typing import Any

import pytest
from conformance.domains.config import as_protobuf
from conformance.examples import examples
from conformance.versions import client, id_of, server
from oracles import official, plain

from ibdesk.model.config import ApiConfig, ApiSettingsConfig, LockAndExitConfig
from ibdesk.wire import versions as V
from ibdesk.wire.messages.config import ConfigResponse, UpdateConfig, UpdateConfigResponse

NEWEST = official("10.46.1")
HEAD = 4


def raw_message(payload: bytes) -> Any:
    """What the official client hands to its user."""
    [call] = NEWEST.decode(V.MAX, payload)
    [message] = call.args
    return message


@pytest.mark.parametrize("cls", [ConfigResponse, UpdateConfigResponse], ids=id_of)
def test_the_official_client_reads_what_was_written(cls: type) -> None:
    for drawn in examples(cls):
        assert raw_message(server(V.MAX).encode(drawn)) == as_protobuf(NEWEST, cls.__name__, drawn)


@pytest.mark.parametrize("cls", [ConfigResponse, UpdateConfigResponse], ids=id_of)
def test_what_google_writes_is_read(cls: type) -> None:
    for drawn in examples(cls):
        payload = server(V.MAX).encode(drawn)
        theirs = payload[:HEAD] + as_protobuf(NEWEST, cls.__name__, drawn).SerializeToString()
        assert plain(client(V.MAX).decode(theirs)) == plain(drawn)


def test_a_change_says_no_more_than_it_was_told() -> None:
    """A setting that is False, zero or empty is to change; one that is not told stays as it is."""
    change = UpdateConfig(
        7,
        LockAndExitConfig(autoLogoffTime=""),
        api=ApiConfig(settings=ApiSettingsConfig(readOnlyApi=False, masterClientId=0)),
    )
    for _ in range(2):  # the second time it is a compiled codec that works
        payload = client(V.MAX).encode(change)
        assert payload[HEAD:] == bytes.fromhex("08 07 12 02 0a 00 22 07 12 05 08 00 90 01 00")
        assert plain(server(V.MAX).decode(payload)) == plain(change)
