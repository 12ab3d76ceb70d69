"""Moments as the texts that clients send and get."""

from datetime import UTC, date, datetime, time, tzinfo

from ibdesk.model.times import parseIBDatetime
from ibdesk.wire import versions as V


def parse_time(text: str, zone: tzinfo | None) -> datetime:
    """Return the moment that a text of an order means: in its own zone, else in `zone`.

    A date alone is its last second. Raises ValueError when the text is no date-time, or names a zone that is not known.
    """
    parsed: date | datetime = parseIBDatetime(text)
    if not isinstance(parsed, datetime):
        return datetime.combine(parsed, time(23, 59, 59), zone or UTC)
    if parsed.tzinfo is not None:
        return parsed
    if len(text.partition(":")[2].split()) > 1:  # something follows the clock
        raise ValueError(f"Not a time zone that is known: {text!r}")
    return parsed.replace(tzinfo=zone or UTC)


def written(moment: datetime, server_version: int = V.MAX) -> str:
    """Return a moment in its own zone, `20260415 11:00:11 US/Eastern`; for old clients with two spaces and no zone."""
    # `strftime` takes five times as long, and each order and each execution has such texts.
    day = f"{moment.year:04}{moment.month:02}{moment.day:02}"
    clock = f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}"
    return f"{day} {clock} {moment.tzinfo}" if server_version >= V.INSTRUMENT_TIMEZONE else f"{day}  {clock}"


def told_zone(instrument_zone: tzinfo, gateway_zone: tzinfo | None, server_version: int) -> tzinfo | None:
    """Return the zone in which a client gets the moments of an instrument: its own, for old clients the gateway's."""
    return instrument_zone if server_version >= V.INSTRUMENT_TIMEZONE else gateway_zone
