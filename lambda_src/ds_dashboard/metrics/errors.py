"""What can be wrong with a metric, each error with thing, cause and cure."""

from __future__ import annotations


class MetricDeclarationError(Exception):
    """A metric's class is declared wrongly; raised while its file is imported.

    `class_name`, `fault` and `cure` are the parts of the message.
    """

    def __init__(self, class_name: str, fault: str, cure: str) -> None:
        super().__init__(f"{class_name}: {fault}. {cure}")
        self.class_name = class_name
        self.fault = fault
        self.cure = cure


class MetricUnavailable(Exception):
    """A chosen metric cannot be computed by this package: it is unknown, its module fails, its arguments do not fit."""

    def __init__(self, class_name: str, reason: str) -> None:
        super().__init__(f"{class_name}: {reason}")
        self.class_name = class_name
        self.reason = reason


class IncompleteAnswer(Exception):
    """A list could not be read to its end, or not at all; a part of it must not pass for the whole."""
