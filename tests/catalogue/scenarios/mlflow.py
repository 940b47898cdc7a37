"""MLflow tracking servers, active and stopped."""

from __future__ import annotations

from ds_dashboard.testing import Scenario

SERVERS = [
    *[("Created", "Active", "2.16.2")] * 11,
    ("Started", "Active", "3.0.0"),
    ("UpdateFailed", "Active", "3.0.0"),
    ("Stopped", "Inactive", "3.0.0"),
    ("CreateFailed", "Inactive", "2.16.2"),
]
SCENARIOS = [
    Scenario(
        "MlflowTrackingServersActive",
        value=13,
        breakdown={"2.16.2": 11, "3.0.0": 2},
        answers={
            "sagemaker.list_mlflow_tracking_servers": {
                "TrackingServerSummaries": [
                    {"TrackingServerStatus": status, "IsActive": active, "MlflowVersion": version}
                    for status, active, version in SERVERS
                ]
            }
        },
    )
]
