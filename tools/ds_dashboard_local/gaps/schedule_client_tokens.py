"""Creating a schedule, or a group of them, again with the same client token.

AWS answers a repeated CreateSchedule or CreateScheduleGroup with its first answer where both bear one `ClientToken`:
an SDK whose connection broke sends the call again, and must not be told that its own schedule is in the way.

The engine ignores the token and answers ConflictException.

Replaces `scheduler._create_schedule` and `scheduler._create_schedule_group`, after the `schedules` gap.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def close(engine: Any, state: Path) -> None:
    from ministack.services import scheduler

    for name in ("_create_schedule", "_create_schedule_group"):
        setattr(scheduler, name, _idempotent(getattr(scheduler, name)))


def _idempotent(create: Any) -> Any:
    from ministack.core.responses import get_account_id, get_region

    answers: dict[tuple[str, str, str], Any] = {}

    def handle(name: str, body: dict[str, Any]) -> Any:
        token = body.get("ClientToken")
        key = (get_account_id(), get_region(), str(token))
        answer = create(name, body)
        if not token:
            return answer
        if answer[0] == 409 and key in answers:
            return answers[key]
        if answer[0] < 300:
            answers[key] = answer
        return answer

    return handle
