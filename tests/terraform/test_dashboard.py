"""The hub's dashboard: a body that CloudWatch accepts, whatever the hub has."""

from __future__ import annotations

from typing import Any

import pytest

from .cases import CHINA, LONGEST
from .planner import Plan

# Source: "Dashboard Body Structure and Syntax", CloudWatch API Reference; of `custom`, the CloudWatch User Guide.
_PROPERTIES = {
    "custom": {"endpoint": True, "params": False, "title": False, "updateOn": False},
    "alarm": {"alarms": True, "sortBy": False, "states": False, "title": False},
    "metric": {
        "annotations": False,
        "metrics": True,
        "period": False,
        "region": True,
        "stacked": False,
        "stat": False,
        "title": False,
        "view": False,
        "yAxis": False,
    },
}
_PERIODS = (1, 5, 10, 20, 30)


def _faults(body: dict[str, Any]) -> list[str]:
    """Return what CloudWatch rejects in the body of a dashboard."""
    found = [] if len(body["widgets"]) <= 500 else ["more than 500 widgets"]
    metrics = 0
    for place, one in enumerate(body["widgets"]):
        allowed, properties = _PROPERTIES[one["type"]], one["properties"]
        found += [f"{place}: {name} is unknown" for name in properties.keys() - allowed.keys()]
        found += [
            f"{place}: {name} is missing" for name, is_needed in allowed.items() if is_needed and name not in properties
        ]
        if not (one["x"] >= 0 and one["x"] + one["width"] <= 24 and one["y"] >= 0 and 1 <= one["height"] <= 1000):
            found.append(f"{place}: is outside of the grid")
        if one["type"] == "alarm" and not 1 <= len(properties["alarms"]) <= 100:
            found.append(f"{place}: {len(properties['alarms'])} alarms")
        if one["type"] == "metric":
            metrics += len(properties["metrics"])
            period = properties["period"]
            if not 1 <= len(properties["metrics"]) <= 500 or (period not in _PERIODS and period % 60):
                found.append(f"{place}: no metric, too many, or an odd period")
            for each in properties.get("annotations", {}).get("horizontal", []):
                found += [] if isinstance(each["value"], int | float) else [f"{place}: {each}"]
    return found if metrics <= 2500 else [*found, "more than 2,500 metrics"]


@pytest.mark.parametrize("case", ["hub-everything", f"{LONGEST}-hub", "china-hub", "no-alarms"])
def test_cloudwatch_accepts_the_dashboard(planned: Plan, case: str) -> None:
    """PutDashboard rejects the whole body for one widget, in the middle of an apply."""
    dashboard = planned.case(case).values["aws_cloudwatch_dashboard.this[0]"]
    assert _faults(dashboard["dashboard_body"]) == []
    kinds = [one["type"] for one in dashboard["dashboard_body"]["widgets"]]
    assert ("alarm" in kinds) == (case != "no-alarms")


@pytest.mark.parametrize("case", ["hub-everything", "no-alarms"])
def test_the_widgets_leave_no_gap_and_do_not_overlap(planned: Plan, case: str) -> None:
    """The console moves what overlaps, and a dashboard that it has saved then differs from the plan."""
    widgets = planned.case(case).values["aws_cloudwatch_dashboard.this[0]"]["dashboard_body"]["widgets"]
    places = [
        (x, y)
        for one in widgets
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]
    assert sorted(places) == [(x, y) for x in range(24) for y in range(max(y for _, y in places) + 1)]


def test_the_address_is_that_of_the_console_of_the_partition(planned: Plan) -> None:
    url = planned.case("china-hub").outputs["dashboard_url"]
    dashboard = f"dashboards/dashboard/ds-dashboard-hub-{CHINA}"
    assert url == f"https://console.amazonaws.cn/cloudwatch/home?region={CHINA}#{dashboard}"
