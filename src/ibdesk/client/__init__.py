"""The asyncio client: from a socket to the state of the account as the user sees it."""
