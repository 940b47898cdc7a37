"""What runs inside a Lambda worker, in front of the engine's own script. Only the standard library is there."""
