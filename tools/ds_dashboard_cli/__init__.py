"""The command line `ds-dashboard`, on top of `ds_dashboard.client`."""
