"""`python -m ds_dashboard_cli`, the same as `ds-dashboard`."""

from ds_dashboard_cli.main import main

main()
