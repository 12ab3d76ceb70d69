"""`ApiGroup`, the base of every group of methods of `IB`: the dispatcher, and how calls from other threads are made."""

from ibdesk.client.arguments import checked
from ibdesk.client.blocking import LoopRunner, call_on_loop, in_its_loop
from ibdesk.client.client import Client
from ibdesk.client.dispatcher import Dispatcher

__all__ = ["ApiGroup", "call_on_loop"]


class ApiGroup:
    """A group of methods of one `IB`.

    Its public methods can be called from any thread and loop: what acts is marked by `call_on_loop`, and the rest is
    wrapped here, by its kind. So they run on the loop of the `IB`, and call only what expects that: of the connection
    the methods with names of ours. An argument of a wrong class raises TypeError: see `checked`.
    """

    dispatcher: Dispatcher

    RequestTimeout: float = 0
    """How long a call may wait, in seconds; 0: each kind of request has a time of its own, see `deadlines`."""

    RaiseRequestErrors: bool = False
    """Raise `RequestError` for a request that the server refuses, instead of returning an empty result."""

    strict: bool = False
    """Raise for refused or late requests, instead of returning an empty result. Given to the constructor."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if ApiGroup in cls.__bases__:  # and no class of a user
            for name, member in list(vars(cls).items()):
                if not name.startswith("_"):
                    setattr(cls, name, checked(in_its_loop(member)))

    @property
    def client(self) -> Client:
        """The connection below."""
        return self.dispatcher.client

    @property
    def runner(self) -> LoopRunner:
        """What runs the blocking calls."""
        runner = self.dispatcher.runner
        runner.timeout = self.RequestTimeout
        return runner
