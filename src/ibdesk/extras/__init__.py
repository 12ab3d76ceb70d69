"""What programs written for ib_async import beside the API itself. Only the public names import it."""
