"""The broker's state as this client sees it: the objects that users hold, and one reducer for each message.

A reducer changes the objects and returns what is to be emitted, as a list of `Emit`; the caller emits. Those of ticks
return nothing: they mark the ticker, and `Quotes.flush` tells which tickers are marked. Nothing here knows a clock or
a connection: the time comes as an argument, an aware datetime.
"""
