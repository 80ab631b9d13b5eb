"""The tab of briefings: a form in, the text for its use and a PDF out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import gradio as gr

from assistant.assistant import Assistant
from assistant.briefing.composing import brief
from assistant.briefing.model import BriefingRequest, Minutes
from assistant.briefing.rendering import render
from knowledge.errors import BrandAssistantError
from ui.staff.frame import download, ready, text
from ui.staff.words import Words

_MINUTES: tuple[Minutes, ...] = get_args(Minutes)
_FORMS = {"for_me": "text", "for_social": "social", "for_email": "email"}
Prepare = Callable[[str, str, int, str], tuple[str, str | None]]


def briefing_tab(sales: Assistant, words: Words, cars: list[str], *, language: str, public_url: str) -> None:
    """Draw the tab."""
    with gr.Row():
        car = gr.Dropdown(cars, value="C5 Aircross I", label=words["car"], allow_custom_value=True)
        minutes = gr.Radio(list(_MINUTES), value=2, label=words["minutes"])
        form = gr.Radio([(words[name], form) for name, form in _FORMS.items()], value="text", label=words["for"])
    customer = gr.Textbox(
        value="", label=words["customer_words"], placeholder=words["customer_example"], max_length=2_000, lines=2
    )  # fmt: skip
    button = gr.Button(words["prepare"], variant="primary")
    made = text(words["briefing"], lines=18)
    pdf = download(words["as_pdf"])
    prepare = preparing(sales, language, public_url)

    def put(*form: Any) -> tuple[str, Any]:
        told, path = prepare(*form)
        return told, ready(path)

    button.click(put, [car, customer, minutes, form], [made, pdf], api_visibility="private")


def preparing(sales: Assistant, language: str, public_url: str) -> Prepare:
    """Return what makes the text and the path of the PDF; the text is the error where there is one."""

    def prepare(car: str, customer: str, minutes: int, form: str) -> tuple[str, str | None]:
        # What a page sends is never trusted, not even what its own form offers.
        chosen = next((known for known in _MINUTES if known == minutes), None)
        if chosen is None or form not in _FORMS.values():
            return "", None
        try:
            made = brief(sales, BriefingRequest(vehicle=car, customer=customer, minutes=chosen, language=language))
        except BrandAssistantError as error:
            return str(error), None
        page = Path(tempfile.mkdtemp()) / f"briefing-{made.vehicle.model.replace(' ', '-')}.pdf"
        page.write_bytes(bytes(render(made, "pdf")))  # type: ignore[arg-type]  # a PDF is bytes
        return str(render(made, form, public_url=public_url)), str(page)

    return prepare
