"""The tab that puts two cars side by side, or a car beside what the customer drives."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from assistant.assistant import Assistant
from assistant.briefing.comparing import compare
from knowledge.errors import BrandAssistantError
from ui.staff.frame import text
from ui.staff.words import Words


def comparing_tab(sales: Assistant, words: Words, cars: list[str], language: str) -> None:
    """Draw the tab."""
    with gr.Row():
        one = gr.Dropdown(cars, value="C5 Aircross I", label=words["car"], allow_custom_value=True)
        other = gr.Dropdown(cars, value="VW Tiguan DCC", label=words["other_car"], allow_custom_value=True)
    button = gr.Button(words["compare"], variant="primary")
    with gr.Row():
        left, right = text(words["car"], lines=14), text(words["other_car"], lines=14)
    button.click(side_by_side(sales, language), [one, other], [left, right], api_visibility="private")


def side_by_side(sales: Assistant, language: str) -> Callable[[str, str], tuple[str, str]]:
    """Return what writes both columns; the first is the error where there is one."""

    def put(one: str, other: str) -> tuple[str, str]:
        try:
            made = compare(sales, one, other, language=language)
        except BrandAssistantError as error:
            return str(error), ""
        left, right = ("\n".join([title.upper(), *(statement.text for statement in said)]) for title, said in made.columns)
        return left, right

    return put
