"""Instants are stored in one form, whatever accepted form they came in."""

from __future__ import annotations

import pytest

from ds_dashboard import dates


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-11-23T20:48:00.123456Z", "2026-11-23T20:48:00.123456Z"),
        ("2026-11-23T20:48:00Z", "2026-11-23T20:48:00.000000Z"),
        ("2026-11-23T21:48:00.123456+01:00", "2026-11-23T20:48:00.123456Z"),
        ("2026-11-23T15:18:00-0530", "2026-11-23T20:48:00.000000Z"),
        ("2026-11-23 20:48:00.123456", "2026-11-23T20:48:00.123456Z"),
        ("2026-11-23T20:48:00.123456789Z", "2026-11-23T20:48:00.123456Z"),
        ("0099-01-01T00:00:00Z", "0099-01-01T00:00:00.000000Z"),
    ],
)
def test_accepted_forms_are_stored_as_one(sent: str, stored: str) -> None:
    """Producers written for the AWS sample are taken as they are, and the range key sorts as time does."""
    assert dates.format_instant(dates.parse(sent)) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-11-23",
        "2026-11-23T20:48:00.123456",
        "2026-02-30T00:00:00Z",
        "2026-11-23T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-W48-1T00:00:00Z",
        "1764000000",
        "2026-11-23T20:48:00Z\n",
    ],
)
def test_what_names_no_instant_is_refused(text: str) -> None:
    """A date without an offset could be any of a day's hours, unless it is the sample's own form."""
    with pytest.raises(dates.InvalidDate):
        dates.parse(text)
