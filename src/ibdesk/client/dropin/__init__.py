"""The names under which programs for ib_async or IBKR's client look for things: requests, callbacks, `ib.wrapper`."""
