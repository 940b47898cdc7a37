"""What a refresh can set at run time, and how the refusal says what to do."""

from __future__ import annotations

import pytest

from ds_dashboard.metrics import ArgumentNotAllowed, arguments

DECLARED = {"parameter_name": {"type": "string"}, "hours": {"type": "integer", "default": 24}}
AT_RUNTIME = {"parameter_name": ["/a", "/b"], "hours": ["*"]}


def check(requested: dict[str, str], at_runtime: dict[str, list[str]] = AT_RUNTIME) -> None:
    arguments.check_requested("Owner", DECLARED, at_runtime, requested)


@pytest.mark.parametrize(
    "requested", [{}, {"parameter_name": "/a"}, {"parameter_name": "/b", "hours": "1"}, {"hours": "x"}]
)
def test_what_the_deployer_allowed_is_accepted(requested: dict[str, str]) -> None:
    """Each listed value, and any value for an argument with the one entry `*`."""
    check(requested)


@pytest.mark.parametrize(
    ("at_runtime", "today", "fix"),
    [
        ({}, "allows no value", '{ parameter_name = ["/c"] }'),
        ({"parameter_name": ["/a", "/b"]}, "allows '/a', '/b'", '{ parameter_name = ["/a", "/b", "/c"] }'),
        ({"parameter_name": ["*", "/a"]}, "allows '*', '/a'", '{ parameter_name = ["*", "/a", "/c"] }'),
    ],
)
def test_another_value_is_refused_with_the_line_that_allows_it(
    at_runtime: dict[str, list[str]], today: str, fix: str
) -> None:
    """The operator copies it: it must keep what is allowed already."""
    with pytest.raises(ArgumentNotAllowed) as caught:
        check({"parameter_name": "/c"}, at_runtime)
    message = str(caught.value)
    assert message.startswith("the argument parameter_name of Owner cannot be '/c' at run time: the spoke ")
    assert today in message
    assert f'Set at_runtime = {fix} in metric_instances["Owner"] of modules/spoke and apply' in message


def test_the_line_is_valid_in_terraform() -> None:
    """A template in a value would be evaluated there."""
    with pytest.raises(ArgumentNotAllowed, match=r'\["\$\$\{a\}\\"%%\{b\}"\]'):
        check({"parameter_name": '${a}"%{b}'}, {})


def test_an_unknown_argument_is_not_a_matter_of_permission() -> None:
    """A plan would reject the line that allows it."""
    with pytest.raises(
        ArgumentNotAllowed, match="Owner has no argument 'name'; its arguments are: hours, parameter_name"
    ):
        check({"name": "/a"})
