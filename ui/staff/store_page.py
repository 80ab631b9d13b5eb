"""The store page: ask with sales content, a briefing with its PDF, two cars side by side, practice, the inbox of hand-overs.

Everything is shown as plain text. Errors that have a cure are shown with it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.answer import Delta, Done, Question
from assistant.assistant import Assistant
from assistant.briefing.comparing import compare
from assistant.briefing.composing import brief
from assistant.briefing.model import BriefingRequest
from assistant.briefing.practice import practise
from assistant.briefing.rendering import render
from assistant.records import Records
from knowledge.errors import BrandAssistantError

_LANGUAGES = [("Français", "fr"), ("English", "en")]
_MINUTES = [1, 2, 5]
_FORMS = [("Moi / Me", "text"), ("Réseaux / Social", "social"), ("E-mail", "email")]
_COLUMNS = ["id", "at", "state", "summary"]


def store_page(sales: Assistant, records: Records, public_url: str = "") -> gr.Blocks:
    """Return the page over the sales assistant, links to customers' pages under `public_url`. Mount it behind `StaffGate`."""
    with sales.release() as release:
        cars = [
            f"{model.model} {generation.generation}"
            for model in release.lexicon.cars.models
            for generation in model.generations
            if not generation.market_own
        ]
    with gr.Blocks(title="Citroën — Store", analytics_enabled=False) as page:
        gr.Markdown("# Citroën — Store")
        language = gr.Radio(_LANGUAGES, value="fr", label="Langue / Language")
        with gr.Tab("Briefing"):
            car = gr.Dropdown(cars, value="C5 Aircross I", label="Voiture / Car", allow_custom_value=True)
            customer = gr.Textbox(label="Client (quelques mots) / Customer (a few words)", max_length=2_000, lines=2)
            minutes = gr.Radio(_MINUTES, value=2, label="Minutes")
            made, pdf = gr.Textbox(label="Briefing", lines=24), gr.File(label="PDF", interactive=False)
            form = gr.Radio(_FORMS, value="text", label="Pour / For")
            button = gr.Button("Préparer / Prepare", variant="primary")
            prepare = _briefer(sales, public_url)
            button.click(prepare, [car, customer, minutes, language, form], [made, pdf], api_visibility="private")
        with gr.Tab("Question"):
            question = gr.Textbox(label="Question", max_length=2_000)
            answer = gr.Textbox(label="Réponse / Answer", lines=16)
            question.submit(_asker(sales), [question, language], answer, api_visibility="private")
        with gr.Tab("Comparer / Compare"):
            one, other = (
                gr.Textbox(label="Citroën", value="C5 Aircross 2020"),
                gr.Textbox(label="Autre / Other", value="VW Tiguan DCC"),
            )
            sides = gr.Textbox(label="Côte à côte / Side by side", lines=16)
            gr.Button("Comparer / Compare").click(_comparer(sales), [one, other, language], sides, api_visibility="private")
        with gr.Tab("S'entraîner / Practice"):
            trained = gr.Textbox(label="Voiture / Car", value="C5 Aircross 2020")
            turn = gr.Number(value=0, precision=0, minimum=0, label="N°")
            reply = gr.Textbox(label="Votre réponse / Your reply", lines=3, max_length=2_000)
            held = gr.Textbox(label="Client / Customer", lines=14)
            gr.Button("Jouer / Play").click(_player(sales), [trained, turn, reply, language], held, api_visibility="private")
        with gr.Tab("Relais / Hand-overs"):
            inbox = gr.Dataframe(headers=_COLUMNS, value=lambda: _inbox(records), interactive=False, wrap=True)
            number, state = gr.Textbox(label="id"), gr.Radio(["open", "taken", "closed"], value="taken", label="state")
            gr.Button("Mettre à jour / Update").click(_mover(records), [number, state], inbox, api_visibility="private")
    result: gr.Blocks = page
    return result


def _briefer(sales: Assistant, public_url: str) -> Any:
    def prepare(car: str, customer: str, minutes: int, language: str, form: str) -> tuple[str, str | None]:
        if int(minutes) not in _MINUTES or form not in dict(_FORMS).values():
            return "", None
        try:
            request = BriefingRequest(vehicle=car, customer=customer, minutes=int(minutes), language=language)  # type: ignore[arg-type]  # checked above
            made = brief(sales, request)
        except BrandAssistantError as error:
            return str(error), None
        page = Path(tempfile.mkdtemp()) / f"briefing-{made.vehicle.model.replace(' ', '-')}.pdf"
        page.write_bytes(bytes(render(made, "pdf")))  # type: ignore[arg-type]  # a PDF is bytes
        return str(render(made, form, public_url=public_url)), str(page)

    return prepare


def _asker(sales: Assistant) -> Any:
    def ask(question: str, language: str) -> Iterator[str]:
        shown = ""
        try:
            for event in sales.stream(Question(text=question, language=language, channel="store")):
                if isinstance(event, Delta):
                    shown += event.text
                    yield shown
                elif isinstance(event, Done):
                    rows = [
                        f"[{one.n}] {one.chunk.title} — {one.chunk.section} ({one.chunk.claims.as_of}, {one.chunk.claims.status})"
                        for one in event.answer.citations
                    ]
                    choices = "".join(f"\n· {choice}" for choice in event.answer.choices)
                    yield shown + choices + ("\n\n" + "\n".join(rows) if rows else "")
        except BrandAssistantError as error:
            yield str(error)

    return ask


def _comparer(sales: Assistant) -> Any:
    def put(one: str, other: str, language: str) -> str:
        try:
            made = compare(sales, one, other, language=language)
        except BrandAssistantError as error:
            return str(error)
        return "\n\n".join("\n".join([title.upper(), *(statement.text for statement in said)]) for title, said in made.columns)

    return put


def _player(sales: Assistant) -> Any:
    def play(car: str, turn: float, reply: str, language: str) -> str:
        try:
            judged = practise(sales, car, language=language, reply=reply.strip() or None, turn=int(turn or 0))
        except BrandAssistantError as error:
            return str(error)
        if judged.score is None:
            return f"« {judged.worry} »"
        rows = [
            f"« {judged.worry} »",
            f"{judged.score:.0%}",
            *(f"+ {row}" for row in judged.used),
            *(f"- {row}" for row in judged.missed),
        ]
        return "\n".join([*rows, *(f"✗ {claim}: {why}" for claim, why in judged.claims_made), "; ".join(judged.sources)])

    return play


def _inbox(records: Records) -> list[list[str]]:
    return [[row.id, row.at.isoformat("T", "minutes"), row.state, row.summary] for row in records.handovers()]


def _mover(records: Records) -> Any:
    def move(number: str, state: str) -> list[list[str]]:
        if state in ("open", "taken", "closed"):
            records.move_handover(number.strip(), state)  # type: ignore[arg-type]  # checked
        return _inbox(records)

    return move
