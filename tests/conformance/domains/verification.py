"""How the messages by which a program is verified are held against the outside clients."""

from conformance.domain import Domain, Request, callback, fields
from conformance.exceptions import EVERY, IB_ASYNC, Read, Skipped

from ibdesk.wire import versions as V
from ibdesk.wire.messages import verification as messages

ANSWERS = {
    messages.VerifyMessageAPI: callback("verifyMessageAPI", "apiData"),
    messages.VerifyCompleted: callback("verifyCompleted", "isSuccessful", "errorText"),
    messages.VerifyAndAuthMessageAPI: callback("verifyAndAuthMessageAPI", "apiData", "xyzChallange"),
    messages.VerifyAndAuthCompleted: callback("verifyAndAuthCompleted", "isSuccessful", "errorText"),
}

DOMAIN = Domain(
    requests={
        messages.VerifyRequest: Request("verifyRequest", fields("apiName", "apiVersion"), "VerifyRequest"),
        messages.VerifyMessage: Request("verifyMessage", fields("apiData"), "VerifyMessageRequest"),
        messages.VerifyAndAuthRequest: Request("verifyAndAuthRequest", fields("apiName", "apiVersion", "opaqueIsvKey")),
        messages.VerifyAndAuthMessage: Request("verifyAndAuthMessage", fields("apiData", "xyzResponse")),
    },
    answers=ANSWERS,
    schemas={
        messages.VerifyMessageAPI: "VerifyMessageApi",
    },
    exceptions=(
        *(Skipped(message, "", IB_ASYNC, "its wrapper has no such callback") for message in ANSWERS),
        *(
            Read(
                message,
                "isSuccessful",
                EVERY,
                "its text decoder returns the text of the field unconverted",
                value,
                end=end,
                ours=value,
                theirs=shown,
            )
            for message, end in (
                (messages.VerifyCompleted, V.PROTOBUF_REST_MESSAGES_3),
                (messages.VerifyAndAuthCompleted, V.MAX + 1),
            )
            for value, shown in ((True, "1"), (False, "0"))
        ),
    ),
)
