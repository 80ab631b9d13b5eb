"""The tab of conversations: search what customers asked and were told, and read one from its beginning; all of it redacted."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from assistant.records import RecordedTurn, Records
from ui.staff.frame import table, text
from ui.staff.marketing.customers import customers_turns
from ui.staff.words import Words

Rows = list[list[str]]
Found = tuple[Rows, Rows]  # the rows, and day, question and conversation of each
_MOST = 200


def conversations_tab(page: gr.Blocks, records: Records, words: Words) -> None:
    """Draw the tab."""
    shown = gr.State([])
    with gr.Row():
        asked = gr.Textbox(value="", label=words["search_words"], max_length=200, scale=4)
        button = gr.Button(words["search"], variant="primary", scale=1)
    columns = [words[name] for name in ("at", "question", "decision", "answer")]
    found = table(columns, words["found_conversations"], column_widths=["14%", "30%", "14%", "42%"], max_chars=300)
    transcript = text(words["transcript"], lines=12)
    search = searching(records, words)
    gr.on([page.load, button.click, asked.submit], search, asked, [found, shown], api_visibility="private")

    def read(known: Rows, event: gr.SelectData) -> str:
        # By what stands in it, not by its place: a reader may have sorted the table.
        conversation = next((row[2] for row in known if row[:2] == event.row_value[:2]), None)
        return transcript_of(records, conversation, words) if conversation else words["nothing_chosen"]

    found.select(read, shown, transcript, api_visibility="private")


def searching(records: Records, words: Words) -> Callable[[str | None], Found]:
    """Return what finds the newest turns that hold every word looked for; without words, the newest."""

    def search(asked: str | None) -> Found:
        wanted = (asked or "").lower().split()
        turns = [turn for turn in customers_turns(records) if all(word in _whole(turn) for word in wanted)]
        newest = turns[: -_MOST - 1 : -1]
        rows = [
            [turn.at.isoformat(" ", "minutes")[:16], turn.question, decision_word(turn, words), turn.answer["text"]]
            for turn in newest
        ]
        return rows, [[*row[:2], turn.conversation_id] for row, turn in zip(rows, newest, strict=True)]

    return search


def transcript_of(records: Records, conversation: str, words: Words) -> str:
    """Return a customer's whole conversation as text; nothing for one that was erased meanwhile."""
    lines = []
    for turn in customers_turns(records):
        if turn.conversation_id == conversation:
            lines += [f"{words['customer']}: {turn.question}", f"{words['assistant']}: {turn.answer['text']}", ""]
    return "\n".join(lines).strip()


def decision_word(turn: RecordedTurn, words: Words) -> str:
    """Return what was decided on a question, in the reader's language."""
    decision = turn.answer["decision"]
    return words["answer_decision" if decision == "answer" else decision]


def _whole(turn: RecordedTurn) -> str:
    return f"{turn.question} {turn.answer['text']}".lower()
