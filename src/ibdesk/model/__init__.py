"""The dataclasses that users hold: contracts, orders, quotes, bars and the rest.

Nothing here reads bytes, does I/O or emits events. Names, order and defaults of the fields, constructors and reprs are
those of ib_async 2.1.0, so that programs move over unchanged. Fields that only newer servers know come after
ib_async's, so that positional arguments keep their meaning. Prices, sizes and amounts of money are floats. A field that
may be absent holds one of the markers of `ibdesk.model.unset`.
"""
