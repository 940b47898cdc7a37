"""Project keys, registered values, and resource names, which Python and Terraform build alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ds_dashboard import identity
from ds_dashboard.identity import Location, Names, Project, Registered, registration_fault

MODULES = Path(__file__).parents[2] / "modules"
ACCOUNT = "111122223333"


def test_a_project_has_one_key_in_tables_and_one_path_in_parameter_store() -> None:
    """Both forms read back as the same project."""
    project = Project("Project1", "dev")
    assert (project.key, project.path) == ("Project1#dev", "Project1/dev")
    assert project.series("Jobs") == "Project1#dev#Jobs"
    assert Project.parse(project.key) == Project.parse(project.path) == project
    assert Project.of({"ProjectName": "Project1", "Environment": "dev", "MetricName": "Jobs"}) == project


@pytest.mark.parametrize(
    "text", ["", "Project1", "Project1/", "/dev", "a/b/c", "a#b/c", "a b/c", "a/b\n", f"{'a' * 65}/b"]
)
def test_a_text_of_another_form_is_not_a_project(text: str) -> None:
    """Two different texts must never become the same key."""
    with pytest.raises(ValueError, match="is not a project and its environment"):
        Project.parse(text)


@pytest.mark.parametrize(
    ("partition", "region"),
    [
        ("aws", "eu-west-1"),
        ("aws", "ap-southeast-7"),
        ("aws-cn", "cn-northwest-1"),
        ("aws-us-gov", "us-gov-east-1"),
        ("aws-iso-b", "us-isob-east-1"),
        ("aws-eusc", "eusc-de-east-1"),
    ],
)
def test_a_bus_arn_registers_the_account_and_region_in_it(partition: str, region: str) -> None:
    """In every partition of AWS."""
    arn = f"arn:{partition}:events:{region}:{ACCOUNT}:event-bus/ds-dashboard-spoke"
    assert Registered.parse(arn) == Registered(ACCOUNT, region, arn)


def test_an_account_id_registers_the_default_bus_in_the_same_region() -> None:
    """Neither the region nor the bus is in the value."""
    assert Registered.parse(ACCOUNT) == Registered(ACCOUNT, None, None)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "hub",
        f"{ACCOUNT} ",
        f"{ACCOUNT}\n",
        f"{ACCOUNT}4",
        "١٢٣٤٥٦٧٨٩٠١٢",
        f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/team/spoke",
        f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/aws.partner/example.com/1",
        f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/",
        f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/a\n",
        f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/{'a' * 257}",
        f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/a",
        f"arn:aws:events:*:{ACCOUNT}:event-bus/a",
        "arn:aws:events:eu-west-1:1:event-bus/a",
        f"arn:aws:sqs:eu-west-1:{ACCOUNT}:a",
        f"prefix arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/a",
    ],
)
def test_another_value_registers_nothing(value: str) -> None:
    """A slash in a bus name is rejected: only partner event buses have one, and no other account can send to them."""
    with pytest.raises(ValueError, match="is neither an account ID nor a bus ARN"):
        Registered.parse(value)


@pytest.mark.parametrize("kind", ["String", "StringList"])
def test_plain_parameters_are_read_by_value(kind: str) -> None:
    """All readers see the same text, whatever the type is called."""
    assert Registered.text_of({"Type": kind, "Value": ACCOUNT}) == ACCOUNT
    assert registration_fault(ACCOUNT) is None


def test_an_encrypted_parameter_registers_nothing() -> None:
    """Decrypted by one reader and not by another, a plan would succeed and the archive would refuse everything."""
    text = Registered.text_of({"Type": "SecureString", "Value": ACCOUNT})
    assert "has the type SecureString" in (registration_fault(text) or "")


def test_patterns_mean_the_same_in_python_and_terraform() -> None:
    r"""RE2 knows no lookaround, and `\d`, `\w` and `\s` match more in Python than in RE2."""
    for pattern in (identity.WORD_PATTERN, identity.ACCOUNT_ID_PATTERN, identity.BUS_ARN_PATTERN):
        assert not re.search(r"\\|\(\?[^:]|\^|\$", pattern), pattern


@pytest.mark.parametrize("module", ["hub", "spoke", "connection"])
def test_terraform_has_the_same_patterns(module: str) -> None:
    """A value that a plan accepts and the archive rejects would cost every event of a spoke."""
    text = (MODULES / module / "patterns.tf").read_text(encoding="utf-8")
    patterns = dict(re.findall(r'^  (\w+)_pattern += "(.*?)"', text, re.MULTILINE))
    assert patterns == {
        "word": identity.WORD_PATTERN,
        "account_id": identity.ACCOUNT_ID_PATTERN,
        "bus_arn": identity.BUS_ARN_PATTERN,
    }


def test_roles_are_those_of_the_modules() -> None:
    """A role that a module does not have names a resource that does not exist."""
    hub, spoke = ((MODULES / module / "names.tf").read_text(encoding="utf-8") for module in ("hub", "spoke"))
    roles = {
        match: set(re.findall('"([a-z-]+)"', match)) for match in re.findall(r"for role in (.*?) :", hub, re.DOTALL)
    }
    hub_queues = {identity.EVENTS_QUEUE, identity.REJECTED_QUEUE, *identity.HUB_DEAD_LETTER_QUEUES}
    for expected in (set(identity.TABLES), hub_queues):
        assert expected in roles.values()
    for role in identity.SPOKE_DEAD_LETTER_QUEUES:
        assert f'"{role}"' in spoke


def test_names_are_prefixed_with_the_installation() -> None:
    """Two installations in one account share no resource."""
    names = Names("team-a")
    assert (names.table("latest"), names.queue("events")) == ("team-a-latest", "team-a-events")
    assert (names.function("archive"), names.log_group("archive")) == ("team-a-archive", "/aws/lambda/team-a-archive")
    assert (names.bus("hub"), names.schedule_group("spoke")) == ("team-a-hub", "team-a-spoke")
    assert (names.rule("extract"), names.forwarding_rule_prefix) == ("team-a-extract", "team-a-to-")


def test_statements_of_two_installations_in_one_key_policy_have_different_sids() -> None:
    """KMS rejects a policy with one `Sid` twice. Names differ in hyphens and case, and a `Sid` has no hyphens."""
    names = ["team-1", "team1", "Team-1", "Team1", "team-a", "teamA", "team-A", "teama", "a-b-c", "ab-c", "a-bc"]
    assert len({Names(name).key_sid for name in names}) == len(names)
    assert Names("ds-dashboard").key_sid == "DsDashboard"
    assert all(Names(name).key_sid.isalnum() for name in names)


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:lambda:eu-west-1:111122223333:function:ds-dashboard-extract", ("111122223333", "eu-west-1", "aws")),
        ("arn:aws-cn:lambda:cn-north-1:111122223333:function:x:live", ("111122223333", "cn-north-1", "aws-cn")),
        (
            "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:x",
            ("111122223333", "us-gov-west-1", "aws-us-gov"),
        ),
    ],
)
def test_a_functions_arn_has_its_account_region_and_partition(arn: str, expected: tuple[str, str, str]) -> None:
    """In every partition, and with a version or alias behind the name."""
    assert Location.of_function(arn) == expected


@pytest.mark.parametrize("arn", ["", "arn:aws:lambda:eu-west-1:1:function:x", "arn:aws:sqs:eu-west-1:111122223333:x"])
def test_a_text_that_is_no_functions_arn_is_rejected(arn: str) -> None:
    """A metric must not report for an account that was guessed."""
    with pytest.raises(ValueError, match="is not the ARN of a function"):
        Location.of_function(arn)
