"""What runs in a spoke account: computing metrics, and telling the hub."""
