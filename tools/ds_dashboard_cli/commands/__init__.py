"""The commands of `ds-dashboard`; `ds_dashboard_cli.main` lists and imports them."""
