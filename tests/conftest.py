"""One local cloud for the whole session, whichever tests ask for it."""

pytest_plugins = ["ds_dashboard_local.pytest_fixture"]
