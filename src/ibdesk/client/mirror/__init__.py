"""The broker's state as this client sees it: the objects that users hold, and one reducer for each message.

Reducers change the objects and return what is to be emitted, as a list of :class:`.emission.Emission`; the caller
emits. Those of ticks return nothing: they mark the ticker, and :meth:`.quotes.Quotes.flush` tells which are marked.
Nothing here knows a clock or a connection: the time comes as an argument, an aware datetime.
"""
