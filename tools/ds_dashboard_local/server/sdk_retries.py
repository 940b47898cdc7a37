"""Replayed responses to calls that Terraform's SDK repeats although it got a response.

If an answer comes within a millisecond of the request's body, as only a cloud on the same machine can answer, the AWS
SDK for Go sometimes closes the connection, treats the call as failed and repeats it with the same
`amz-sdk-invocation-id`. By then the resource exists, and Terraform reports that it "already exists". (Of the calls of
tests/examples, 12 to 18 were repeated, and none when each answer was delayed by 5 ms.)

A repeated call gets the first answer again. AWS would execute it again, and so does the local cloud if the first call
failed or its connection was cut by a fault, and for every other client.
"""

from __future__ import annotations

from collections import OrderedDict

from ds_dashboard_local.engine.middleware import CallNext, Middleware, Request, Response

_SDK = "aws-sdk-go-v2/"
# The SDK repeats within seconds, in which fewer calls are made.
_MAX_ANSWERS = 2_000


def replay_answers() -> Middleware:
    """Return the middleware that answers repeated calls of Terraform's SDK from memory."""
    answers: OrderedDict[str, Response] = OrderedDict()

    async def middleware(request: Request, call_next: CallNext) -> Response:
        invocation = request.headers.get("amz-sdk-invocation-id")
        if invocation is None or _SDK not in request.headers.get("user-agent", ""):
            return await call_next(request)
        if (answer := answers.get(invocation)) is not None:
            return answer
        answer = await call_next(request)
        if answer[0] < 400 and isinstance(answer[2], (bytes, str)):
            answers[invocation] = answer
            if len(answers) > _MAX_ANSWERS:
                answers.popitem(last=False)
        return answer

    return middleware
