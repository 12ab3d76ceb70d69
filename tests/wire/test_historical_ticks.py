"""The attributes of ticks, which are bits in text, and what a live tick says of the parts that it has not."""

import pytest

from ibdesk.errors import DecodeError, EncodeError
from ibdesk.model.quotes import TickAttribBidAsk, TickAttribLast
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages.historical_ticks import BID_ASK_MASK, HISTORICAL_BID_ASK_MASK, LAST_MASK, TickBidAsk, TickLast
from ibdesk.wire.messages.tick_by_tick import TickByTick

TEXT, PROTOBUF = 178, 208


@pytest.mark.parametrize(
    ("mask", "bit", "attributes"),
    [
        (LAST_MASK, 0, TickAttribLast()),
        (LAST_MASK, 1, TickAttribLast(pastLimit=True)),
        (LAST_MASK, 2, TickAttribLast(unreported=True)),
        (BID_ASK_MASK, 1, TickAttribBidAsk(bidPastLow=True)),
        (BID_ASK_MASK, 2, TickAttribBidAsk(askPastHigh=True)),
        (HISTORICAL_BID_ASK_MASK, 1, TickAttribBidAsk(askPastHigh=True)),
        (HISTORICAL_BID_ASK_MASK, 3, TickAttribBidAsk(bidPastLow=True, askPastHigh=True)),
    ],
)
def test_attributes_are_bits(mask, bit, attributes):
    assert mask.decode_text(str(bit)) == attributes
    assert mask.decode_text(str(bit + 4)) == attributes  # a bit that nobody knows
    assert mask.encode_text(attributes) == str(bit)


def test_what_is_no_attribute_is_refused():
    tick = TickByTick(7, 1, last=TickLast(1, TickAttribBidAsk(), 1.5, 1.0))
    with pytest.raises(EncodeError, match=r"last.tickAttribLast=.* is no TickAttribLast"):
        Codec(Sender.CLIENT, TEXT).encode(tick)
    with pytest.raises(DecodeError, match=r"last.tickAttribLast .* is 'x', not a bit mask"):
        Codec(Sender.SERVER, TEXT).decode(b"99\x007\x001\x001\x001.5\x00100\x00x\x00\x00\x00")


@pytest.mark.parametrize("version", [TEXT, PROTOBUF])
def test_a_live_tick_is_one_part(version):
    server, client = Codec(Sender.CLIENT, version), Codec(Sender.SERVER, version)
    bid_ask = TickBidAsk(1, TickAttribBidAsk(), 1.5, 1.6, 100.0, 200.0)
    seen = client.decode(server.encode(TickByTick(7, 3, bidAsk=bid_ask)))
    assert seen.bidAsk == bid_ask
    assert seen.last == TickLast()
    assert seen.bidAsk is not client.decode(server.encode(seen)).bidAsk


def test_a_tick_of_a_type_that_nobody_knows_is_kept():
    codec = Codec(Sender.SERVER, TEXT)
    assert codec.decode(b"99\x007\x005\x001\x00") == TickByTick(7, 5)
    assert list(codec.oddities) == ["TickByTick v178 has 1 fields more than known"]
