"""What the programs share that order as a test tells them: the commands, and what they saw, as lines of JSON.

A command is `place` (again with the same name: it changes the order), `cancel` or `wait`. After each the program waits
until the gateway has answered a request that it made afterwards, and prints what it was told of orders meanwhile, and
an empty line.
"""

import json
import sys
from enum import Enum

UNSET = {1.7976931348623157e308, 2147483647, 9223372036854775807, float(2**127 - 1)}


def plain(value):
    """A value of any client as JSON has it: unset is None, and numbers that are texts or decimals are numbers."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if hasattr(value, "__float__"):
        number = float(value)
        return None if number in UNSET else number
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return plain(vars(value))


class Recorder:
    """Notes what callbacks tell of orders, by the names that the test has given these."""

    def __init__(self):
        self.names = {}
        self.executed = {}
        self.seen = []

    def note(self, kind, orderId, *told):
        self.seen.append([kind, self.names.get(orderId, orderId), *map(plain, told)])

    def openOrder(self, orderId, contract, order, orderState):
        self.note("openOrder", orderId, contract, order, orderState)

    def orderStatus(
        self,
        orderId,
        status,
        filled,
        remaining,
        avgFillPrice,
        permId,
        parentId,
        lastFillPrice,
        clientId,
        whyHeld,
        mktCapPrice=0.0,
    ):
        numbers = {"filled": filled, "remaining": remaining, "average": avgFillPrice, "last": lastFillPrice}
        self.note(
            "orderStatus", orderId, {"status": status, "why": whyHeld, "cap": mktCapPrice, "permId": permId, **numbers}
        )

    def execDetails(self, reqId, contract, execution):
        self.executed[execution.execId] = execution.orderId
        self.note("execDetails", execution.orderId, contract, execution)

    def commissionReport(self, report):
        paid = report.commissionAndFees if hasattr(report, "commissionAndFees") else report.commission
        told = {"paid": paid, "currency": report.currency, "realizedPNL": report.realizedPNL or None}
        self.note("commission", self.executed[report.execId], told)

    commissionAndFeesReport = commissionReport

    def error(self, reqId, code, text):
        if reqId in self.names:
            self.note("error", reqId, code, text)


CALLBACKS = ("openOrder", "orderStatus", "execDetails", "commissionReport", "commissionAndFeesReport")
"""Those that all clients call alike."""


def built(make, fields):
    """An object of a client's own, of these fields; `make` gives an object of a class by its name."""
    one = make(fields.pop("class"))
    for name, value in fields.items():
        if isinstance(value, list):
            value = [built(make, each) if isinstance(each, dict) else each for each in value]
        assert hasattr(one, name), f"{type(one)} has no {name}"
        setattr(one, name, value)
    return one


def obey(recorder, make, new_id, place, cancel, wait):
    """Do what the test says until it says no more."""
    ids, orders = {}, {}
    for line in sys.stdin:
        command = json.loads(line)
        name = command.get("name")
        if command["do"] == "place":
            if name not in ids:
                ids[name] = new_id()
                recorder.names[ids[name]] = name
                orders[name] = make("Order")
            for field, value in built(make, {"class": "Order", **command["order"]}).__dict__.items():
                if field in command["order"]:
                    setattr(orders[name], field, value)
            place(ids[name], built(make, {"class": "Contract", **command["contract"]}), orders[name])
        elif command["do"] == "cancel":
            cancel(ids[name], orders[name])
        wait()
        print(*map(json.dumps, recorder.seen), "", sep="\n", flush=True)
        recorder.seen = []
