"""Literal messages by which a program is verified, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, Vector, raw, tagged, text

from ibdesk.wire.messages import verification

VECTORS = (
    Vector("ask to be verified", 178, CLIENT, text("65|1|A|1|"), verification.VerifyRequest("A", "1")),
    Vector(
        "ask to be verified, in protobuf",
        213,
        CLIENT,
        tagged(65, "0a 01 41 12 01 31"),
        verification.VerifyRequest("A", "1"),
    ),
    Vector("challenge", 178, SERVER, text("65|1|x|"), verification.VerifyMessageAPI("x")),
    Vector("challenge in protobuf", 213, SERVER, tagged(65, "0a 01 78"), verification.VerifyMessageAPI("x")),
    Vector("answer to the challenge", 178, CLIENT, text("66|1|y|"), verification.VerifyMessage("y")),
    Vector(
        "answer to the challenge, in protobuf", 213, CLIENT, tagged(66, "0a 01 79"), verification.VerifyMessage("y")
    ),
    Vector("verified", 178, SERVER, text("66|1|1||"), verification.VerifyCompleted(True, "")),
    Vector("verified, in protobuf", 213, SERVER, tagged(66, "08 01"), verification.VerifyCompleted(True, "")),
    Vector("not verified", 178, SERVER, text("66|1|0|no|"), verification.VerifyCompleted(False, "no")),
    Vector(
        "not verified, in protobuf", 213, SERVER, tagged(66, "12 02 6e 6f"), verification.VerifyCompleted(False, "no")
    ),
    Vector(
        "ask to be authenticated", 178, CLIENT, text("72|1|A|1|k|"), verification.VerifyAndAuthRequest("A", "1", "k")
    ),
    Vector(
        "ask to be authenticated, in text where others are protobuf",
        225,
        CLIENT,
        raw(72, "1|A|1|k|"),
        verification.VerifyAndAuthRequest("A", "1", "k"),
    ),
    Vector("two challenges", 178, SERVER, text("69|1|x|c|"), verification.VerifyAndAuthMessageAPI("x", "c")),
    Vector(
        "two challenges, in text where others are protobuf",
        225,
        SERVER,
        raw(69, "1|x|c|"),
        verification.VerifyAndAuthMessageAPI("x", "c"),
    ),
    Vector("two answers", 178, CLIENT, text("73|1|y|r|"), verification.VerifyAndAuthMessage("y", "r")),
    Vector(
        "two answers, in text where others are protobuf",
        225,
        CLIENT,
        raw(73, "1|y|r|"),
        verification.VerifyAndAuthMessage("y", "r"),
    ),
    Vector("authenticated", 178, SERVER, text("70|1|1||"), verification.VerifyAndAuthCompleted(True, "")),
    Vector("not authenticated", 225, SERVER, raw(70, "1|0|no|"), verification.VerifyAndAuthCompleted(False, "no")),
)
CAPTURES = (Vector("verified, as a word", 178, SERVER, text("66|1|true||"), verification.VerifyCompleted(True, "")),)
"""Not recorded: the spelling of clients in other languages."""
