"""The event loop as the seam between ibdesk and the computer: which loop serves a thread, and what waits on it."""
