"""What the tables and the registry of a hub say."""
