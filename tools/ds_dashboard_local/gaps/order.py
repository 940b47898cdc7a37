"""All gaps, in the order in which they are patched."""

from __future__ import annotations

import logging
from collections.abc import Collection

from ds_dashboard_local.engine.patching import Gap
from ds_dashboard_local.gaps import dynamodb, kms, logs, reads, s3, scheduler, sqs, ssm
from ds_dashboard_local.gaps.awslambda import configuration, grants, invocations, limits, worker
from ds_dashboard_local.gaps.awslambda import logs as lambda_logs
from ds_dashboard_local.gaps.cloudwatch import alarms, metric_data, metrics
from ds_dashboard_local.gaps.eventbridge import buses, delivery, encryption, put_events, targets
from ds_dashboard_local.gaps.iam import authorization, infrastructure, policies
from ds_dashboard_local.gaps.moto import cost_explorer, jobs, search, services, studio

# A patch that wraps a function wraps the patches before it: a later patch runs first.
GAPS: tuple[Gap, ...] = (
    authorization.authorization,
    authorization.organization_membership,
    policies.policy_partitions,
    policies.secure_transport,
    buses.event_bus_policy,
    buses.event_bus_deletion,
    buses.rule_quota,
    buses.bus_descriptions,
    put_events.put_events,
    targets.put_targets,
    delivery.target_delivery,
    delivery.replays,
    encryption.encrypted_buses,
    scheduler.schedules,
    scheduler.schedule_client_tokens,
    sqs.queue_batches,
    sqs.encrypted_queues,
    sqs.queue_creation,
    sqs.message_sizes,
    # Before the query protocol, which reads its requests for both.
    alarms.alarm_actions,
    alarms.alarms_query_protocol,
    alarms.alarm_evaluation,
    worker.lambda_worker_script,
    worker.lambda_imports,
    # Before the errors, which report what it returns.
    limits.lambda_memory,
    worker.lambda_errors,
    lambda_logs.lambda_logs,
    configuration.lambda_environment_limit,
    configuration.lambda_duplicates,
    configuration.lambda_roles,
    invocations.lambda_async,
    invocations.function_updates,
    # Before the metrics, so that an invocation without its key counts as an error.
    configuration.encrypted_functions,
    grants.function_grants,
    metrics.function_metrics,
    # Before the metrics of queues, which are published when a client reads a metric.
    metric_data.metric_retention,
    metric_data.metric_data,
    metrics.queue_metrics,
    sqs.queue_polling,
    logs.embedded_metrics,
    kms.encryption_context,
    dynamodb.partiql_permissions,
    dynamodb.encrypted_tables,
    s3.encrypted_buckets,
    logs.encrypted_logs,
    dynamodb.dynamodb_texts,
    ssm.parameter_limits,
    ssm.parameter_types,
    ssm.parameter_permissions,
    reads.budget_permissions,
    reads.list_permissions,
    infrastructure.infrastructure_permissions,
    services.moto_services,
    cost_explorer.cost_and_usage,
    cost_explorer.cost_forecast,
    studio.studio_apps,
    jobs.job_lists,
    jobs.pipeline_execution_lists,
    jobs.other_lists,
    search.search,
    # After the lists, whose answers it cuts.
    services.page_sizes,
)

logger = logging.getLogger("ds_dashboard_local")


def apply_all(without: Collection[str] = ()) -> None:
    """Patch the engine, before the first request.

    Args:
        without: Names of gaps whose patches are not applied.

    Raises:
        EngineChanged: The engine does not have what a gap patches.
        ValueError: There is no gap of a name in `without`.
    """
    names = [gap.name for gap in GAPS]
    if unknown := sorted(set(without) - set(names)):
        raise ValueError(f"no gap is called {', '.join(unknown)}; the gaps are {', '.join(names)}")
    for gap in GAPS:
        if gap.name in without:
            logger.warning("the patch of the gap %s is not applied", gap.name)
        else:
            gap.apply()
