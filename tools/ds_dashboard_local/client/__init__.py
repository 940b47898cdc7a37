"""Start a local cloud, talk to one, and fill its accounts."""
