"""The asyncio client: from a socket to the state of the account as the user sees it."""

from ibdesk.client.client import Client

# `ib_async.client` is a module with this class; the rest of ours is inside.
__all__ = ["Client"]
