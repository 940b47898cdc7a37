"""Errors of metrics; their messages name the metric, the cause and the fix."""

from __future__ import annotations


class MetricDeclarationError(Exception):
    """A metric's class is declared wrongly; raised while its file is imported.

    Attributes:
        class_name: the class.
        fault: what is wrong.
        fix: what to write instead.
    """

    def __init__(self, class_name: str, fault: str, fix: str) -> None:
        super().__init__(f"{class_name}: {fault}. {fix}")
        self.class_name = class_name
        self.fault = fault
        self.fix = fix


class MetricUnavailable(Exception):
    """This package cannot compute a metric: it lacks the class, a module fails to import, or an argument is invalid."""

    def __init__(self, class_name: str, reason: str) -> None:
        super().__init__(f"{class_name}: {reason}")
        self.class_name = class_name
        self.reason = reason


class ArgumentNotAllowed(Exception):
    """A refresh sets an argument to a value that the spoke's deployer did not allow, or that no metric can have."""


class IncompleteAnswer(Exception):
    """A list could not be read to its end, and a part of it must not count as the whole."""


class NothingToReport(Exception):
    """A metric has no value, and that is in order: a ratio without data, a mean of no jobs, a service that is off.

    The hub keeps the last value and shows the reason. Never raise it for something that could not be read.

    Args:
        reason: why there is nothing to report, as a phrase: "no training job started in the window".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RunEnded(Exception):
    """The time of the extraction was over before a metric was done."""
