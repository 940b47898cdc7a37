"""What queues tell CloudWatch about themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ds_dashboard_local.client.accounts import Account, eventually


def _received(account: Account, queue: str) -> float:
    now = datetime.now(UTC)
    points = account.cloudwatch.get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="NumberOfMessagesReceived",
        Dimensions=[{"Name": "QueueName", "Value": queue}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


def test_messages_are_counted_each_time_they_are_handed_out(account: Account) -> None:
    """A message that comes again counts again."""
    account.queue("counted", VisibilityTimeout="0")
    url = account.sqs.get_queue_url(QueueName="counted")["QueueUrl"]
    account.sqs.send_message(QueueUrl=url, MessageBody="x")
    for _ in range(3):
        assert account.sqs.receive_message(QueueUrl=url)["Messages"]
    eventually(lambda: _received(account, "counted") == 3)
