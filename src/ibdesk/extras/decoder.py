"""`ib_async.decoder`: calls a wrapper back for messages whose fields a program gives by hand."""

from collections.abc import Sequence
from typing import Any

from ibdesk.client.dropin.callbacks import Callbacks
from ibdesk.client.dropin.wrapper import Wrapper
from ibdesk.logs import logger
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec

__all__ = ["Decoder"]

_log = logger("ibdesk.client")


class Decoder:
    """Reads messages as text of a server version, and calls the wrapper's callbacks with their values.

    With the wrapper of an `IB`, that `IB` receives the message as if it had arrived.
    """

    def __init__(self, wrapper: Any, serverVersion: int) -> None:
        self.wrapper = wrapper
        self.serverVersion = serverVersion

    def interpret(self, fields: Sequence[str]) -> None:
        """Read a message from its fields, the id first. One that cannot be read is logged."""
        try:
            message = Codec(Sender.SERVER, self.serverVersion).decode("".join(f"{one}\0" for one in fields).encode())
        except ValueError as error:
            _log.error("%s", error)
            return
        if type(self.wrapper) is Wrapper:
            self.wrapper.ib.dispatcher.receive([message])
        else:
            Callbacks(self.wrapper, self.serverVersion).take(message)
