"""When AWS deprecates each runtime of Lambda. No API tells it.

The dates are those of AWS's page "Lambda runtimes" in March 2026. Those of 2026 and later are assumed, because AWS has
moved dates before.
"""

from __future__ import annotations

from datetime import date

CHECKED = "2026-03"

# Runtimes that were deprecated so long ago that the day does not matter.
_LONG_AGO = date(2022, 12, 31)
_OLD = (
    *("nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x"),
    *("python2.7", "python3.6", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1"),
    *("go1.x", "java8", "provided"),
)
# Runtimes whose deprecation is more than a year away, or has no date.
_SUPPORTED = (
    *("nodejs24.x", "nodejs26.x", "python3.11", "python3.12", "python3.13", "python3.14", "python3.15"),
    *("java21", "java25", "java8.al2023", "java11.al2023", "java17.al2023", "dotnet10"),
    *("ruby3.3", "ruby3.4", "ruby4.0", "provided.al2023"),
)

# Runtime -> the day of its deprecation; None if it is more than a year away.
DEPRECATED: dict[str, date | None] = {
    **dict.fromkeys(_OLD, _LONG_AGO),
    **dict.fromkeys(_SUPPORTED),
    "ruby2.5": date(2021, 7, 30),
    "python3.7": date(2023, 12, 4),
    "nodejs14.x": date(2023, 12, 4),
    "ruby2.7": date(2023, 12, 7),
    "nodejs16.x": date(2024, 6, 12),
    "python3.8": date(2024, 10, 14),
    "dotnet6": date(2024, 12, 20),
    "nodejs18.x": date(2025, 9, 1),
    "python3.9": date(2025, 12, 15),
    "ruby3.2": date(2026, 3, 31),
    "nodejs20.x": date(2026, 4, 30),
    "java8.al2": date(2026, 6, 30),
    "java11": date(2026, 6, 30),
    "java17": date(2026, 6, 30),
    "provided.al2": date(2026, 6, 30),
    "python3.10": date(2026, 10, 31),
    "dotnet8": date(2026, 11, 10),
    "nodejs22.x": date(2027, 4, 30),
}
