"""Metrics that compute their permissions, as the AWS sample allows: turned into placeholders, or refused."""

from __future__ import annotations

from typing import Any

import pytest


def override(body: str) -> dict[str, str]:
    """The arguments of `team.metric` for a metric whose get_iam_permissions has this body."""
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return {
        "name": "A",
        "body": f"    def get_iam_permissions(self, region, account_id):\n{lines}",
        "before": "import os\n",
    }


def test_region_and_account_become_placeholders(team: Any) -> None:
    """Terraform cannot call Python: what the override would say must stand in the manifest."""
    team.metric(
        **override(
            "name = f'arn:aws:ssm:{region}:{account_id}:parameter/{self.project_name}'\n"
            "own = {'Action': 'ssm:GetParameter', 'Resource': name}\n"
            "return super().get_iam_permissions(region, account_id) + [own]"
        )
    )
    assert team.manifest()["metrics"]["A"]["permissions"] == [
        {
            "Action": ["ssm:GetParameter"],
            "Resource": ["arn:aws:ssm:**REGION**:**ACCOUNT_ID**:parameter/**PROJECT_NAME**"],
        }
    ]


def test_an_override_may_know_partitions(team: Any) -> None:
    """What a careful author writes is understood, not refused."""
    team.metric(
        **override(
            "partition = {'cn': 'aws-cn', 'us-gov': 'aws-us-gov'}.get(region.rsplit('-', 2)[0], 'aws')\n"
            "return [{'Action': 's3:ListBucket', 'Resource': 'arn:' + partition + ':s3:::b-' + account_id}]"
        )
    )
    assert team.manifest()["metrics"]["A"]["permissions"][0]["Resource"] == ["arn:**PARTITION**:s3:::b-**ACCOUNT_ID**"]


@pytest.mark.parametrize(
    "resource",
    [
        "'arn:aws:s3:::' + region[:2] + '*'",
        "'*' if region == 'us-east-1' else 'arn:aws:s3:::b'",
        "f'arn:aws:s3:::{os.urandom(4).hex()}'",
    ],
    ids=["a part of the region", "one region is special", "by chance"],
)
def test_one_that_does_not_follow_its_parameters_is_refused(team: Any, resource: str) -> None:
    """A guess would give a spoke in another region too much or too little."""
    team.metric(**override(f"return [{{'Action': 's3:ListBucket', 'Resource': {resource}}}]"))
    told = team.refusal()
    assert "team/a.py:4: A: get_iam_permissions returns other statements" in told
    assert "**REGION**" in told


def test_a_region_from_the_environment_is_refused(team: Any) -> None:
    """It would be the made-up one, and the spoke's policy would allow nothing."""
    bucket = "'arn:aws:s3:::' + os.environ['AWS_REGION']"
    team.metric(**override(f"return [{{'Action': 's3:ListBucket', 'Resource': {bucket}}}]"))
    assert "the region was read from the environment" in team.refusal()


def test_an_override_that_fails_is_told_with_its_line(team: Any) -> None:
    """A dictionary of the company's accounts does not know the made-up one."""
    team.metric(**override("return {'123456789012': []}[account_id]"))
    assert "team/a.py:6: KeyError: '718281828459' (during A.get_iam_permissions)" in team.refusal()


def test_what_it_returns_is_checked_as_declarations_are(team: Any) -> None:
    """Otherwise an override would be the way around every check."""
    team.metric(**override("return [{'Action': '*', 'Resource': '*'}]"))
    assert "A: '*' is not an action" in team.refusal()
