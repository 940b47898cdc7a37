"""What runs in the hub account: keeping what spokes say, asking for more, and missing those who are silent."""
