"""Decides how every test runs: event loops in debug mode, Hypothesis without a clock. Knows nothing of the package."""

import os

from hypothesis import settings

# Every loop, not only those of pytest-asyncio: also the ones of asyncio.run and of child processes.
os.environ["PYTHONASYNCIODEBUG"] = "1"

# A deadline measures the machine, not the code. In CI the examples are the same on every run.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
