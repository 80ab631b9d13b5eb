"""For operators: is it alive, is it ready, what has it counted."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from knowledge.errors import BrandAssistantError
from ui.api.state import state_of

router = APIRouter(tags=["operation"])


@router.get("/healthz")
def alive() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(request: Request, response: Response) -> dict[str, Any]:
    """Say whether questions can be answered (503 when not), with what the operator should know."""
    state = state_of(request)
    warnings = list(state.problems)
    broken = []
    try:
        snapshot = state.customer.snapshot_id()
    except BrandAssistantError as error:
        snapshot = None
        broken.append(str(error))
    if state.customer.problem:
        warnings.append(state.customer.problem)
    if not state.records.answers():
        broken.append("The database of the records does not answer.")
    response.status_code = 503 if broken else 200
    return {"ready": not broken, "snapshot": snapshot, "problems": broken, "warnings": warnings}


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Return the counters in Prometheus' text format."""
    return Response(state_of(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)
