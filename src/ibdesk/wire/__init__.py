"""The TWS wire protocol: bytes to messages and back, for clients and servers alike.

`messages` describes the protocol, one class for each message. Everything else derives from it: `text` and `protobuf`
are the two encodings, `catalogue` finds a message by name or number, `frames` cuts the byte stream into payloads,
`explain` shows a message to a person. Nothing here does I/O or asks for the time; `lint-imports` checks this.
"""
