"""The asyncio client: it turns the bytes of a socket into the orders, quotes and accounts that the user sees."""

from ibdesk.client.client import Client

# `ib_async.client` is a module that has this class, so `ibdesk.client` offers it, too. All else is imported from the
# modules of this package.
__all__ = ["Client"]
