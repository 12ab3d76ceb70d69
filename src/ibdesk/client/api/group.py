"""`ApiGroup`, the base class of every group of methods of `IB`. It makes them callable from any thread."""

from ibdesk.client.arguments import checked
from ibdesk.client.blocking import LoopRunner, call_on_loop, in_its_loop
from ibdesk.client.client import Client
from ibdesk.client.dispatcher import Dispatcher

__all__ = ["ApiGroup", "call_on_loop"]


class ApiGroup:
    """A group of methods of `IB`.

    Its public methods can be called from any thread and on any loop: methods that do something are decorated with
    `call_on_loop`, and the others are wrapped when the class is made. So their bodies run on the event loop of the
    `IB`, and call only methods that expect this: of `Client`, those that are not spelled as IB spells (`next_id`, not
    `getReqId`). An argument of a wrong class raises TypeError: see `checked`.
    """

    dispatcher: Dispatcher

    RequestTimeout: float = 0
    """The longest time that a call waits, in seconds. With 0, each kind of request has its own: see `deadlines`."""

    RaiseRequestErrors: bool = False
    """Raise `RequestError` for a request that the server refuses, instead of returning an empty result."""

    strict: bool = False
    """Raise for refused or late requests, instead of returning an empty result. It is set by `IB(strict=True)`."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if ApiGroup in cls.__bases__:  # but not a subclass that a user has written
            for name, member in list(vars(cls).items()):
                if not name.startswith("_"):
                    setattr(cls, name, checked(in_its_loop(member)))

    @property
    def client(self) -> Client:
        """The connection, at the level below `IB`."""
        return self.dispatcher.client

    @property
    def runner(self) -> LoopRunner:
        """What runs blocking calls on the event loop of the `IB`."""
        runner = self.dispatcher.runner
        runner.timeout = self.RequestTimeout
        return runner
