"""The rules of one connection, for the client and for the gateway.

Nothing here does I/O or asks for the time; `lint-imports` checks this.
"""
