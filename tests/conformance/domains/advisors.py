"""How the messages of advisors and of who is logged in are held against the outside clients."""

from conformance.domain import Domain, Request, callback, fields
from conformance.exceptions import IB_ASYNC, SINCE_10_30, Avoided, Skipped
from hypothesis import strategies as st

from ibdesk.wire import versions as V
from ibdesk.wire.messages import advisors as messages

_KINDS = st.sampled_from([1, 2, 3])


DOMAIN = Domain(
    requests={
        messages.RequestFA: Request("requestFA", fields("faDataType"), "FARequest"),
        messages.ReplaceFA: Request("replaceFA", fields("reqId", "faDataType", "cxml"), "FAReplace"),
        messages.ReqUserInfo: Request("reqUserInfo", fields("reqId"), "UserInfoRequest"),
    },
    answers={
        messages.ReceiveFA: callback("receiveFA", "faDataType", "cxml"),
        messages.ReplaceFAEnd: callback("replaceFAEnd", "reqId", "text"),
        messages.UserInfo: callback("userInfo", "reqId", "whiteBrandingId"),
    },
    values={
        messages.RequestFA: {"faDataType": _KINDS},
        messages.ReplaceFA: {"faDataType": _KINDS},
        messages.ReceiveFA: {"faDataType": _KINDS},
    },
    exceptions=(
        Skipped(messages.ReplaceFAEnd, "", IB_ASYNC, "its wrapper has no such callback"),
        *(
            Avoided(
                message,
                "faDataType",
                SINCE_10_30,
                "profiles are refused by the client, in text only; ibdesk leaves that to the server",
                2,
                first=V.FA_PROFILE_DESUPPORT,
                end=V.PROTOBUF_REST_MESSAGES_1,
                instead=1,
                only=(2,),
            )
            for message in (messages.RequestFA, messages.ReplaceFA)
        ),
    ),
)
