"""`make soak`: the pair of the test kit under random faults and load, with an account of every event."""
