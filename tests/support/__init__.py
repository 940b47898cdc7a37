"""Helpers that only tests need, next to the test kit in tools/ds_dashboard_dev/testing."""
