"""The control door: what a test or a command asks of the local cloud itself, beside AWS's own calls.

GET  /_ds_dashboard_local/status         -> process id, port, state folder, organizations
POST /_ds_dashboard_local/organizations  {"organization": "o-...", "accounts": ["111111111111"]}
POST /_ds_dashboard_local/schedules/fire {"name": ..., "account": ..., "region": ..., "group": ... or null}
POST /_ds_dashboard_local/faults/inject  what `faults.fault.Fault` takes -> the fault, with `id`, `hits` and `over`
GET  /_ds_dashboard_local/faults/list    -> {"faults": [...]}
POST /_ds_dashboard_local/faults/lift    {"id": ... or null} -> {"faults": what was lifted}
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ds_dashboard_local import settings
from ds_dashboard_local.engine import organizations
from ds_dashboard_local.engine.middleware import CallNext, Middleware, Request, Response
from ds_dashboard_local.faults import active
from ds_dashboard_local.faults.fault import Fault


class Refused(Exception):
    """A control call that cannot be done; the message says why and what to do."""


def control_middleware(state: Path, port: int) -> Middleware:
    """The link that answers control calls and passes everything else on."""

    async def link(request: Request, then: CallNext) -> Response:
        if not request.path.startswith(settings.CONTROL_PREFIX):
            return await then(request)
        try:
            return _answer(200, _call(request, state, port))
        except (Refused, ValueError, KeyError, TypeError) as error:
            missing = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            return _answer(400, {"error": missing})

    return link


def _call(request: Request, state: Path, port: int) -> dict[str, Any]:
    name = request.path.removeprefix(settings.CONTROL_PREFIX)
    if name == "status":
        return {"pid": os.getpid(), "port": port, "state": str(state), "organizations": organizations.members()}
    arguments = json.loads(request.body or b"{}")
    if name == "organizations":
        organizations.check(arguments["organization"], arguments["accounts"])
        organizations.set_members(arguments["organization"], arguments["accounts"])
        return {}
    if name == "schedules/fire":
        from ds_dashboard_local.server import firing

        return firing.fire(
            name=arguments["name"],
            account=arguments["account"],
            region=arguments["region"],
            group=arguments.get("group"),
        )
    if name == "faults/inject":
        return active.inject(Fault.read(arguments)).described()
    if name == "faults/list":
        return {"faults": active.everything()}
    if name == "faults/lift":
        return {"faults": active.lift(arguments.get("id"))}
    raise Refused(f"there is no control call {name!r}")


def _answer(status: int, content: dict[str, Any]) -> Response:
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()
