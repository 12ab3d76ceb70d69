"""All orders of the exchange, and which of them a number means.

An order is known by its permId, and by client and order id. An order id that is not higher than one of the same client
before it is a duplicate, unless it names a live order.
"""

from collections.abc import Iterator

from .working import WorkingOrder

HIGHEST_PERM_ID = 2**31 - 1

Name = tuple[int, int]
"""Client id and order id."""


class OrderIndex:
    """Every order of the exchange, the done ones included."""

    def __init__(self, first_perm_id: int) -> None:
        self.refused: set[Name] = set()
        self._next_perm_id = first_perm_id
        self._next_sequence = 1
        self._last_own_id = 0
        self._highest: dict[int, int] = {}
        self._by_perm: dict[int, WorkingOrder] = {}
        self._by_name: dict[Name, WorkingOrder] = {}
        self._children: dict[Name, list[WorkingOrder]] = {}

    def new_perm_id(self) -> int:
        """Return the next permId; they are consecutive, and go on with 1 after the highest."""
        perm_id = self._next_perm_id
        self._next_perm_id = perm_id % HIGHEST_PERM_ID + 1
        return perm_id

    def new_sequence(self) -> int:
        """Return the next number in the order of time."""
        self._next_sequence += 1
        return self._next_sequence - 1

    def new_own_id(self) -> int:
        """Return an order id for an order that the exchange makes: below zero, and never the same, for any client."""
        self._last_own_id -= 1
        return self._last_own_id

    def next_order_id(self, client_id: int) -> int:
        """Return the lowest order id that the client may use."""
        return self._highest.get(client_id, 0) + 1

    def add(self, entry: WorkingOrder) -> None:
        """Add an order."""
        client_id, order_id, perm_id = entry.key
        self._by_perm[perm_id] = entry
        self._by_name[client_id, order_id] = entry
        self._highest[client_id] = max(order_id, self._highest.get(client_id, 0))
        if entry.order.parentId:
            self._children.setdefault((client_id, entry.order.parentId), []).append(entry)

    def find(self, client_id: int, order_id: int) -> WorkingOrder | None:
        """Return the order that a client means by its id."""
        return self._by_name.get((client_id, order_id))

    def find_foreign(self, order_id: int) -> WorkingOrder | None:
        """Return the only live order of any client with this id; None when there is none or more than one.

        Gateways of 2026 cancel such an order for another client, against the documentation.
        """
        found = [entry for entry in self.live() if entry.key.orderId == order_id and entry.transmitted]
        return found[0] if len(found) == 1 else None

    def get(self, perm_id: int) -> WorkingOrder | None:
        """Return the order with a permId."""
        return self._by_perm.get(perm_id)

    def parent(self, entry: WorkingOrder) -> WorkingOrder | None:
        """Return the order that this one is attached to."""
        return self.find(entry.key.clientId, entry.order.parentId) if entry.order.parentId else None

    def children(self, entry: WorkingOrder) -> list[WorkingOrder]:
        """Return the orders attached to this one that are not done, oldest first."""
        attached = self._children.get((entry.key.clientId, entry.key.orderId), [])
        return [child for child in attached if not child.done]

    def live(self) -> Iterator[WorkingOrder]:
        """Return the orders that are not done, oldest first."""
        return (entry for entry in self._by_perm.values() if not entry.done)

    def forget_untransmitted(self) -> None:
        """Drop the orders that were not transmitted; their order ids stay used."""
        for entry in [entry for entry in self.live() if not entry.transmitted]:
            client_id, order_id, perm_id = entry.key
            del self._by_perm[perm_id], self._by_name[client_id, order_id]
            for attached in self._children.values():
                attached[:] = [each for each in attached if each is not entry]

    def forget_done(self) -> None:
        """Drop the orders that are done; their order ids stay used."""
        self._by_perm = {perm_id: entry for perm_id, entry in self._by_perm.items() if not entry.done}
        self._by_name = {name: entry for name, entry in self._by_name.items() if not entry.done}
        self._children = {name: kept for name, orders in self._children.items() if (kept := _open(orders))}


def _open(orders: list[WorkingOrder]) -> list[WorkingOrder]:
    return [entry for entry in orders if not entry.done]
