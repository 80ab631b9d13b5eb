"""`POST /v1/briefings`: a briefing for who is signed in."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from assistant.briefing.composing import brief
from assistant.briefing.model import BriefingError, BriefingRequest
from assistant.briefing.rendering import render
from assistant.understanding import QuestionError
from ui.api.chat import Language
from ui.api.sign_in import require_same_origin
from ui.api.state import require_staff, state_of

router = APIRouter(tags=["briefings"])
_TYPES = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "social": "text/plain; charset=utf-8",
    "email": "text/plain; charset=utf-8",
}


class BriefingBody(BaseModel):
    """A car, the customer in a few words (neither shown nor kept), the minutes there are."""

    model_config = ConfigDict(extra="forbid")

    vehicle: str = Field(max_length=100)
    customer: str = Field(default="", max_length=10_000)
    minutes: Literal[1, 2, 5] = 2
    language: Language = "fr"
    format: Literal["json", "md", "html", "pdf", "social", "email"] = "json"


@router.post("/v1/briefings", response_model=None)
def briefing(body: BriefingBody, request: Request) -> Response:
    """Make a briefing. 401 for who is not signed in, 404 for a car that the pages do not know."""
    require_staff(request)
    require_same_origin(request)
    sales = state_of(request).sales
    assert sales is not None  # noqa: S101  nobody is signed in without it
    asked = BriefingRequest(vehicle=body.vehicle, customer=body.customer, minutes=body.minutes, language=body.language)
    try:
        made = render(brief(sales, asked), body.format, public_url=state_of(request).settings.public_url)
    except BriefingError as error:
        raise HTTPException(status_code=404, detail=str(error)) from error
    except QuestionError as error:
        raise HTTPException(status_code=422, detail=str(error)) from error
    return Response(made, media_type=_TYPES[body.format])
