"""Tapes: files that hold recorded sessions of the TWS protocol, byte by byte, to be read and replayed.

Accounts and names can be replaced while a session is recorded (`scrub`), so that its tape can be given to others.

::

    with ib.record("monday.tape", scrub=True):
        ib.connect("127.0.0.1", 7497, clientId=1)
        ...

    for one in read_tape("monday.tape").messages():
        print(one.time, one.sender.value, one.message)

    async with Replay("monday.tape", port=0, speed=0) as replay:
        await ib.connectAsync("127.0.0.1", replay.port, clientId=1)
"""

from ibdesk.tape.format import Damage, Kind, Record
from ibdesk.tape.proxy import Proxy
from ibdesk.tape.reading import Hello, Tape, TapeMessage, read_tape
from ibdesk.tape.recorder import Recorder
from ibdesk.tape.replay import Replay

__all__ = ["Damage", "Hello", "Kind", "Proxy", "Record", "Recorder", "Replay", "Tape", "TapeMessage", "read_tape"]
