"""Decides what ``ib_async.decoder`` offers: the fields of a message, given by hand. It must not know the messages."""

import logging
from collections.abc import Sequence

from ibdesk.client.wrapper import Wrapper
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec

__all__ = ["Decoder"]

_log = logging.getLogger("ibdesk.session")


class Decoder:
    """Takes messages in the text form of a server version, as if they had arrived. The client does not use it."""

    def __init__(self, wrapper: Wrapper, serverVersion: int) -> None:
        self.wrapper = wrapper
        self.serverVersion = serverVersion

    def interpret(self, fields: Sequence[str]) -> None:
        """Take a message, the id first. One that cannot be read is logged."""
        try:
            message = Codec(Sender.SERVER, self.serverVersion).decode("".join(f"{one}\0" for one in fields).encode())
        except ValueError as error:
            _log.error("%s", error)
            return
        self.wrapper.ib.session.receive([message])
