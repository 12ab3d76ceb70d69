"""No program of orders breaks what clients rely on. Many more programs: tests/order_machines.py."""

from hypothesis import settings
from paper.exchange.order_machine import Orders

TestOrders = Orders.TestCase
TestOrders.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
