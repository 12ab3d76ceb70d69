"""What programs written for ib_async import beside the API itself; it may import every room, and none imports it."""
