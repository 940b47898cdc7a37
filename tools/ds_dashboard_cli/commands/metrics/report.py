"""What `ds-dashboard metrics run` prints: the value, the calls, the permissions, and why a metric failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore import exceptions as aws

from ds_dashboard import dates
from ds_dashboard.client.installation import Installation
from ds_dashboard.identity import DEFAULT_NAME
from ds_dashboard.spoke.outcome import Failed, InvalidValue, Nothing
from ds_dashboard.text import format_time, format_value, pluralize, visible
from ds_dashboard_cli import aws_errors
from ds_dashboard_cli.authoring import trial
from ds_dashboard_cli.authoring.trial import Operation, Trial
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.output import tables
from ds_dashboard_cli.output.files import display_path
from ds_dashboard_cli.output.streams import note, write_json
from ds_dashboard_cli.output.tables import Column, Row

# Errors of botocore that are mistakes in the metric, and not in the caller's configuration.
_MISTAKES = (
    aws.DataNotFoundError,
    aws.OperationNotPageableError,
    aws.PaginationError,
    aws.ParamValidationError,
    aws.UnknownClientMethodError,
)


@dataclass(frozen=True)
class Report:
    """A metric's trial, and what is needed to explain it.

    Attributes:
        name: the metric.
        entry: its entry in the manifest.
        trial: what it did.
        instant: the instant of the run.
        files: the folders and files with its code.
    """

    name: str
    entry: Mapping[str, Any]
    trial: Trial
    instant: datetime
    files: Sequence[Path]


def write(report: Report, profile: str | None, region: str | None, as_json: bool) -> None:
    """Print a report; data on stdout, notes on stderr.

    Raises:
        UserError: the metric failed.
    """
    made, reference = _operations(report)
    if as_json:
        write_json(_record(report, made))
    else:
        _print(report, made)
    if reference is not None:
        note(f"The permissions were not compared: {reference.subject} {reference.cause} {reference.remedy}")
    if isinstance(report.trial.outcome, Failed):
        raise _explain(report, report.trial.outcome, Installation(DEFAULT_NAME, profile, region))
    if not as_json:
        _print_notes(report, made)


def _operations(report: Report) -> tuple[list[Operation], UserError | None]:
    try:
        return trial.operations(report.trial.calls, report.entry["permissions"]), None
    except UserError as error:
        return trial.operations(report.trial.calls, report.entry["permissions"], compare=False), error


def _record(report: Report, made: Sequence[Operation]) -> dict[str, Any]:
    outcome = report.trial.outcome
    record: dict[str, Any] = {"MetricName": report.name, "ExtractionDate": dates.format_instant(report.instant)}
    if isinstance(outcome, Nothing):
        record["NothingToReport"] = outcome.reason
    elif isinstance(outcome, Failed):
        record |= {"ErrorType": outcome.error_type, "ErrorMessage": outcome.message}
    else:
        keys = ("MetricName", "MetricValue", "Unit", "ExtractionDate", "Breakdown", "Metadata")
        record = {key: outcome[key] for key in keys if key in outcome}
    calls = [
        {"Service": one.service, "Operation": one.name, "Count": one.count, "Actions": list(one.actions)}
        for one in made
    ]
    return {
        **record,
        "Calls": calls,
        "PermissionsMissing": _missing(made),
        "PermissionsUnneeded": _unneeded(report, made),
        "Seconds": round(report.trial.seconds, 3),
        "USD": report.entry["cost"]["usd"],
    }


def _print(report: Report, made: Sequence[Operation]) -> None:
    outcome = report.trial.outcome
    if isinstance(outcome, Mapping):
        folded = outcome.get("Metadata", {}).get("Folded")
        columns = [Column("METRIC"), Column("VALUE", right=True, folds=True), Column("UNIT"), Column("DATE")]
        cells = [report.name, format_value(outcome["MetricValue"]), outcome["Unit"], format_time(report.instant)]
        tables.print_table(columns, [Row([visible(cell) for cell in cells])])
        _print_breakdown(report.entry["dimensions"], outcome.get("Breakdown", ()))
        if folded:
            note(f"{folded} rows did not fit into an event and are folded into the row `other`.")
    elif isinstance(outcome, Nothing):
        columns = [Column("METRIC"), Column("NOTHING TO REPORT", folds=True)]
        tables.print_table(columns, [Row([report.name, visible(outcome.reason)])])
    if made:
        if not isinstance(outcome, Failed):
            tables.write_line()
        columns = [Column("CALL"), Column("COUNT", right=True), Column("ACTION"), Column("DECLARED")]
        tables.print_table(columns, [_row(one) for one in made])


def _print_breakdown(dimensions: Sequence[str], breakdown: Sequence[Mapping[str, Any]]) -> None:
    if breakdown:
        tables.write_line()
        columns = [*(Column(name, folds=True) for name in dimensions), Column("VALUE", right=True)]
        rows = [
            Row([*(visible(str(row["Dimensions"][name])) for name in dimensions), format_value(row["Value"])])
            for row in breakdown
        ]
        tables.print_table(columns, rows)


def _row(one: Operation) -> Row:
    action = " or ".join(one.actions)
    declared = "" if not action else "yes" if one.declared else "MISSING"
    return Row([f"{one.service} {one.name}", str(one.count), action, declared], "" if one.declared else "bad")


def _print_notes(report: Report, made: Sequence[Operation]) -> None:
    missing, unneeded = _missing(made), _unneeded(report, made)
    if missing:
        note(
            f"Missing permissions: {', '.join(missing)}. In a spoke, the metric would be denied. Add them to "
            "_iam_permissions, or to the permissions of the reading."
        )
    if unneeded:
        note(
            f"Declared and not called: {', '.join(unneeded)}. Remove them, unless the metric calls them in other "
            "cases (`ds-dashboard metrics check` tries these)."
        )
    usd = report.entry["cost"]["usd"]
    money = f", and {usd:g} USD as it declares" if usd else ""
    note(f"{report.trial.seconds:.1f} s, {pluralize(sum(one.count for one in made), 'call')}{money}.")


def _missing(made: Sequence[Operation]) -> list[str]:
    return sorted({" or ".join(one.actions) for one in made if one.actions and not one.declared})


def _unneeded(report: Report, made: Sequence[Operation]) -> list[str]:
    return trial.unneeded(made, report.entry["permissions"]) if any(one.actions for one in made) else []


def _explain(report: Report, outcome: Failed, installation: Installation) -> UserError:
    error, subject = report.trial.error, f"metric {report.name}"
    if isinstance(error, aws.BotoCoreError) and not isinstance(error, _MISTAKES):
        return aws_errors.explain(error, installation) or UserError(subject, str(error), "")
    if isinstance(error, aws.ClientError):
        if found := aws_errors.explain_credentials(error, installation):
            return found
        if report.trial.denied is not None:
            return _explain_denial(report, subject, error)
    where = trial.place(error, report.files) if error is not None else None
    details = (f"{display_path(where[0])}:{where[1]}: {where[2]}",) if where else ()
    cause = outcome.message.removeprefix(report.name).removeprefix(": ").strip()
    named = error is None or isinstance(error, aws.ClientError | InvalidValue)
    kind = "" if named else f"{type(error).__name__}: "
    return UserError(subject, f"{kind}{cause}", _fix(outcome), details=details)


def _explain_denial(report: Report, subject: str, error: aws.ClientError) -> UserError:
    call = report.trial.denied
    assert call is not None
    try:
        actions = " or ".join(sorted(trial.actions_of(call)))
    except UserError:
        actions = ""
    actions = actions or f"the permission for {call.service} {call.operation}"
    return UserError(
        subject,
        f"AWS denied {call.service} {call.operation}: your credentials need {actions}.",
        "Allow your principal this action, or choose another --profile.",
        details=(f"AWS answered: {error.response['Error'].get('Message', '')}",),
    )


def _fix(outcome: Failed) -> str:
    if outcome.error_type == "MetricThrottled":
        return "Wait a moment and try again."
    return "In a spoke, this is a failure event: the metric would have no value."
