"""`python -m ds_dashboard_cli`, the same as `ds-dashboard`."""

from __future__ import annotations

from ds_dashboard_cli.main import main

main()
