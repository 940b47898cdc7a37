"""Gaps of IAM: which actions and resources a call is authorized for."""
