"""The rules of one connection, for the client and for the gateway, without any input or output of their own."""
