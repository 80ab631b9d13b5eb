"""The tab of hand-overs: customers who asked for a person, to take, close or open again; it looks for new ones by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import gradio as gr

from assistant.records import Handover, HandoverState, Records
from ui.staff.frame import table, text
from ui.staff.words import Words

_STATES: tuple[HandoverState, ...] = get_args(HandoverState)
_MOVES: dict[str, HandoverState] = {"take": "taken", "close": "closed", "reopen": "open"}
_EVERY_SECONDS = 20
_SHORT = 6  # signs of a hand-over's number; the widget tells the customer the same


def handovers_tab(records: Records, words: Words) -> None:
    """Draw the tab."""
    chosen = gr.State(None)
    states = gr.CheckboxGroup(
        [(words[state], state) for state in _STATES], value=["open", "taken"], label=words["shown_states"]
    )  # fmt: skip
    columns = [words[name] for name in ("reference", "at", "state", "summary")]
    inbox = table(
        columns, words["handovers"], column_widths=["14%", "18%", "14%", "54%"], value=listing(records, words), inputs=states,
        every=gr.Timer(_EVERY_SECONDS),
    )  # fmt: skip
    detail = text(words["chosen_handover"], lines=5)
    with gr.Row():
        for name, state in _MOVES.items():
            gr.Button(words[name], variant="primary" if name == "take" else "secondary").click(
                moving(records, words, state), [chosen, states], [inbox, detail], api_visibility="private"
            )

    def choose(event: gr.SelectData) -> tuple[str | None, str]:
        found = _by_reference(records, str(event.row_value[0]))
        return (found.id, _told(found, words)) if found else (None, words["nothing_chosen"])

    inbox.select(choose, None, [chosen, detail], api_visibility="private")


def listing(records: Records, words: Words) -> Callable[[list[str]], list[list[str]]]:
    """Return what lists the hand-overs in some states, newest first."""

    def rows(states: list[str]) -> list[list[str]]:
        return [
            [_reference(row), row.at.isoformat(" ", "minutes")[:16], words[row.state], row.summary]
            for row in records.handovers()
            if row.state in states
        ]

    return rows


def moving(
    records: Records, words: Words, state: HandoverState
) -> Callable[[str | None, list[str]], tuple[list[list[str]], str]]:
    """Return what sets the chosen hand-over's state; lists them again and tells the chosen one."""

    def move(number: str | None, states: list[str]) -> tuple[list[list[str]], str]:
        if number is None or not records.move_handover(number, state):
            return listing(records, words)(states), words["nothing_chosen"]
        moved = next(row for row in records.handovers() if row.id == number)
        return listing(records, words)(states), _told(moved, words)

    return move


def _reference(row: Handover) -> str:
    return row.id[:_SHORT].upper()


def _by_reference(records: Records, reference: str) -> Handover | None:
    return next((row for row in records.handovers() if _reference(row) == reference), None)


def _told(row: Handover, words: Words) -> str:
    return f"{_reference(row)} · {words[row.state]}\n\n{row.summary}"
