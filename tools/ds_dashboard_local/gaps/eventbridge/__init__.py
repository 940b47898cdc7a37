"""Gaps of EventBridge: buses, PutEvents, targets and delivery."""
