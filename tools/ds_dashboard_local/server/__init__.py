"""The process that serves the local cloud; `python -m ds_dashboard_local.server` starts it."""
