"""What a hub publishes: pages that are read through `ds_dashboard.client`, and the report in its bucket."""
