"""Gaps of Lambda: workers, logs, invocations and configuration of functions."""
