"""The Interactive Brokers API for Python, with the broker in the box."""
