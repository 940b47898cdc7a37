"""The soak: the pair of the test kit under random faults and load, and what became of every event."""
