"""The TWS wire protocol, bytes to messages and back, for both roles; it knows no socket, no clock and no events.

`messages` is the description: one class a message. Everything else derives from it: `text` and `protobuf` are the
two encodings, `catalogue` finds a message by name or number, `frames` cuts the stream, `explain` shows a message.
"""
