"""What is wrong with an installation: every link from a spoke's metric to the hub's table, and back."""
