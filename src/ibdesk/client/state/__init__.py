"""What this client knows of the broker: the objects that programs hold, and how each message changes them.

A reducer is a function or method that takes one message and changes these objects. It returns a list of what is to be
emitted (`Emit`), and the caller emits it. Reducers of ticks return nothing. They mark the ticker as changed, and
`Quotes.flush` returns the marked tickers at the end of a batch. Nothing here has a clock or a connection: the time is
an argument, a datetime with a time zone.
"""
