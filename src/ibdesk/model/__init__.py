"""The nouns: the dataclasses that users hold, and no bytes, no I/O and no events.

Names, order and defaults of the fields, constructors and reprs are those of ib_async 2.1.0, so that programs move
over unchanged. Fields that only newer servers know stand after ib_async's, so that positional use keeps its meaning.
Prices, sizes and amounts of money are floats; a field that may be absent holds one of the markers of
:mod:`ibdesk.model.unset`.
"""
