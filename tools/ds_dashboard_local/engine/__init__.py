"""What the patches share: helpers on top of the engine (ministack)."""
