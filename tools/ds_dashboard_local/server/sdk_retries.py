"""Calls that Terraform sends again although they were answered.

Where an answer comes within a millisecond of the request's body, as only a cloud on the same machine can give it, the
AWS SDK for Go now and then ends the connection, takes the call for failed and sends it again, with the same
`amz-sdk-invocation-id`. What it creates is there by then, and Terraform says that it "already exists". (Of the calls of
tests/examples 12 to 18 were sent again, and none when each answer was kept back for 5 ms.)

Such a call is given its answer a second time. AWS would carry it out once more, and so does the local cloud where no
good answer was given (a fault that cut the connection), and for every other client.
"""

from __future__ import annotations

from collections import OrderedDict

from ds_dashboard_local.engine.middleware import CallNext, Middleware, Request, Response

_SDK = "aws-sdk-go-v2/"
# The next attempt follows within seconds, in which not so many calls are made.
_KEPT = 2_000


def replay_answers() -> Middleware:
    """The link that answers such calls from memory."""
    answers: OrderedDict[str, Response] = OrderedDict()

    async def link(request: Request, then: CallNext) -> Response:
        invocation = request.headers.get("amz-sdk-invocation-id")
        if invocation is None or _SDK not in request.headers.get("user-agent", ""):
            return await then(request)
        if (answer := answers.get(invocation)) is not None:
            return answer
        answer = await then(request)
        if answer[0] < 400 and isinstance(answer[2], (bytes, str)):
            answers[invocation] = answer
            if len(answers) > _KEPT:
                answers.popitem(last=False)
        return answer

    return link
