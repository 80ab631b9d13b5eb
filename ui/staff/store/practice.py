"""The tab of practice: a customer's worry, the seller's reply, and how it holds up against the pages."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from assistant.assistant import Assistant
from assistant.briefing.practice import Practice, practise
from knowledge.errors import BrandAssistantError
from ui.staff.frame import text
from ui.staff.words import Words


def practice_tab(sales: Assistant, words: Words, cars: list[str], language: str) -> None:
    """Draw the tab."""
    turn = gr.State(-1)
    with gr.Row():
        car = gr.Dropdown(cars, value="C5 Aircross I", label=words["car"], allow_custom_value=True)
        following = gr.Button(words["next_customer"], variant="primary")
    worry = text(words["customer_says"], lines=2)
    reply = gr.Textbox(value="", label=words["your_reply"], lines=3, max_length=2_000)
    check = gr.Button(words["check_reply"])
    judged = text(words["judged"], lines=10)
    following.click(
        next_customer(sales, language), [car, turn], [worry, turn, reply, judged], api_visibility="private"
    )  # fmt: skip
    check.click(judging(sales, words, language), [car, turn, reply], judged, api_visibility="private")


def next_customer(sales: Assistant, language: str) -> Callable[[str, int], tuple[str, int, str, str]]:
    """Return what brings the next worry, and empties the reply and what was said of it."""

    def bring(car: str, turn: int) -> tuple[str, int, str, str]:
        try:
            return f"«{practise(sales, car, language=language, turn=turn + 1).worry}»", turn + 1, "", ""
        except BrandAssistantError as error:
            return str(error), turn, "", ""

    return bring


def judging(sales: Assistant, words: Words, language: str) -> Callable[[str, int, str], str]:
    """Return what says how a reply holds up."""

    def judge(car: str, turn: int, reply: str) -> str:
        if not reply.strip():
            return words["write_first"]
        try:
            return _told(practise(sales, car, language=language, reply=reply, turn=max(0, turn)), words)
        except BrandAssistantError as error:
            return str(error)

    return judge


def _told(judged: Practice, words: Words) -> str:
    parts = [f"{words['score']}: {judged.score:.0%}"]
    for name, rows in (("used", judged.used), ("missed", judged.missed)):
        if rows:
            parts.append("\n".join([f"{words[name]}:", *(f"· {row}" for row in rows)]))
    for name, heard in (("never", judged.claims_made), ("tone", judged.tone)):
        if heard:
            parts.append("\n".join([f"{words[name]}:", *(f"· {said}: {why}" for said, why in heard)]))
    return "\n\n".join([*parts, f"{words['quotes']}: {'; '.join(judged.sources)}"])
