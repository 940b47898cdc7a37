"""An AWS on this machine, for the demo and the tests: `LocalCloud` starts and stops it.

docs/local-cloud.md describes what it imitates and what it does not.
"""

from __future__ import annotations

from ds_dashboard_local.client.cloud import LocalCloud
from ds_dashboard_local.client.endpoint import LocalCloudError, RunningCloud

__all__ = ["LocalCloud", "LocalCloudError", "RunningCloud"]
