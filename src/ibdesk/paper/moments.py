"""Decides how a moment is written to a client, by its server version; must not know what happened then."""

from datetime import datetime, tzinfo

from ibdesk.wire import versions as V


def written(moment: datetime, server_version: int) -> str:
    """A moment in its own zone, `20260413 15:27:04 US/Eastern`; for old clients with two spaces and no zone."""
    if server_version >= V.INSTRUMENT_TIMEZONE:
        return f"{moment:%Y%m%d %H:%M:%S} {moment.tzinfo}"
    return f"{moment:%Y%m%d  %H:%M:%S}"


def in_their_zone(
    moment: datetime, instrument_zone: tzinfo, gateway_zone: tzinfo | None, server_version: int
) -> datetime:
    """A moment of an instrument in the zone in which a client gets it: the instrument's, for old ones the gateway's."""
    return moment.astimezone(instrument_zone if server_version >= V.INSTRUMENT_TIMEZONE else gateway_zone)
