"""Decides what moment an order's time text means; must not know the clock, or what the moment is for."""

from datetime import UTC, date, datetime, time, tzinfo

from ibdesk.model.times import parseIBDatetime


def moment(text: str, zone: tzinfo | None) -> datetime:
    """The moment that a text means: in its own zone, else in `zone`. A date alone is the end of that day.

    Raises ValueError when the text is no date-time.
    """
    parsed: date | datetime = parseIBDatetime(text, zone or UTC)
    if isinstance(parsed, datetime):
        return parsed
    return datetime.combine(parsed, time(23, 59, 59), zone or UTC)
