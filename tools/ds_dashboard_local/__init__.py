"""An AWS on this machine, for the demo and the tests.

`ds_dashboard_local.cloud.LocalCloud` starts and stops it, `ds-dashboard local up` does so from a shell.
docs/local-cloud.md says what it imitates and what it does not.
"""
