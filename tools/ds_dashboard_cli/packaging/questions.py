"""Questions that people ask, and the metrics that answer them: the table for choosing in docs/metrics.md.

Each metric of this repository answers at least one. A test compares the table with the manifest.
"""

from __future__ import annotations

QUESTIONS: dict[str, list[str]] = {
    "How much is trained?": ["CompletedTrainingJobs24h", "TotalCompletedTrainingJobs"],
    "What is left on over night?": ["NumberEndPointsInService"],
    "How many models serve traffic?": ["NumberEndPointsInService"],
    "How good is our model, which version is live?": ["SSMParameterValue"],
    "How do I report a number of my own, without code?": ["SSMParameterValue"],
}
