"""Gaps of CloudWatch: alarms, and the metrics that services publish."""
