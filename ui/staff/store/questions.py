"""The tab of questions: a seller asks with sales content, follow-ups and choices included; each source with the words it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from assistant.answer import Answer, Delta, Done, Question
from assistant.assistant import Assistant
from knowledge.errors import BrandAssistantError
from ui.staff.frame import text
from ui.staff.words import Words

Asked = tuple[str, str, Any, str | None]  # answer, sources, choices, conversation


_Ask = Callable[[str, str | None], Iterator[Asked]]


def questions_tab(sales: Assistant, words: Words, language: str) -> None:
    """Draw the tab."""
    conversation = gr.State(None)
    question = gr.Textbox(value="", label=words["question"], max_length=2_000)
    with gr.Row():
        ask = gr.Button(words["ask"], variant="primary")
        anew = gr.Button(words["new_conversation"])
    answer = text(words["answer"], lines=10)
    choices = gr.Radio([], label=words["choices"], visible=False)
    sources = text(words["quotes"], lines=4)
    outputs = [answer, sources, choices, conversation]
    asker = asking(sales, words, language)
    gr.on([ask.click, question.submit], asker, [question, conversation], outputs, api_visibility="private")
    choices.input(asker, [choices, conversation], outputs, api_visibility="private")
    anew.click(lambda: ("", "", gr.Radio(visible=False), None, ""), None, [*outputs, question], api_visibility="private")


def asking(sales: Assistant, words: Words, language: str) -> _Ask:
    """Return what asks: it yields the answer as it is written, then the whole with sources and choices."""

    def ask(question: str, conversation: str | None) -> Iterator[Asked]:
        shown, hidden = "", gr.Radio(visible=False)
        try:
            for event in sales.stream(Question(text=question, language=language, channel="store", conversation_id=conversation)):
                if isinstance(event, Delta):
                    shown += event.text
                    yield shown, "", hidden, conversation
                elif isinstance(event, Done):
                    yield shown, _sources(event.answer, words), _choices(event.answer), event.answer.conversation_id
        except BrandAssistantError as error:
            yield str(error), "", hidden, conversation

    return ask


def _sources(answer: Answer, words: Words) -> str:
    rows = [
        f"[{one.n}] {one.chunk.title} — {one.chunk.section} ({one.chunk.claims.as_of}, {words[one.chunk.claims.status]})\n"
        f"«{one.quote}»"
        for one in answer.citations
    ]
    return "\n\n".join(rows)


def _choices(answer: Answer) -> Any:
    return gr.Radio(choices=list(answer.choices), value=None, visible=bool(answer.choices))
