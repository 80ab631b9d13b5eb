"""Answers a file of conversations: one JSON object a line in, one object a turn out.

In: {"id", "turns": [{"question"}…], "audience"?, "market"?, "language"?, "vehicle"?, "channel"?}. Out: the answer object
with `id` and `turn` (from 1). A line that can't be read is reported by number and stops nothing.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal, TextIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.answer import Channel, Question
from assistant.assistant import Assistant
from assistant.bootstrap import open_assistant
from assistant.settings import Settings
from knowledge.document import Audience
from knowledge.embedding import make_embedder
from knowledge.errors import BrandAssistantError


class BatchTurn(BaseModel):
    """One question of a conversation."""

    model_config = ConfigDict(extra="ignore")

    question: str


class BatchConversation(BaseModel):
    """One line of a batch file. Unknown keys are ignored, so that a labelled file can be asked as it is."""

    model_config = ConfigDict(extra="ignore")

    id: str
    turns: list[BatchTurn] = Field(min_length=1)
    audience: Audience = "customer"
    channel: Channel = "website"
    market: str | None = None
    language: str | None = None
    vehicle: str | None = None


class BatchError(BrandAssistantError):
    """A batch file that could not be read whole; everything readable was answered."""


def run_batch(path: Path, out: Path | None) -> None:
    """Answer every conversation in `path`, to `out` or stdout. Raises `BatchError` after the rest when lines were bad."""
    settings = Settings.read()
    embedder = make_embedder(settings)
    problems: list[str] = []
    with ExitStack() as stack:
        target: TextIO = stack.enter_context(out.open("w", encoding="utf-8")) if out else sys.stdout
        assistants: dict[Literal["customer", "sales"], Assistant] = {}
        for number, line in enumerate(_lines(path), start=1):
            if not line.strip():
                continue
            try:
                conversation = BatchConversation.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                problems.append(f"line {number}: {'.'.join(map(str, first['loc']))} {first['msg']}".replace("  ", " "))
                continue
            if conversation.audience not in assistants:
                opened = open_assistant(settings, conversation.audience, embedder=embedder)
                assistants[conversation.audience] = stack.enter_context(opened)
            for row in _answers(conversation, assistants[conversation.audience]):
                print(json.dumps(row, ensure_ascii=False), file=target, flush=True)
    if problems:
        message = f"{path}: {'; '.join(problems[:5])}. Correct these lines and ask them again; the others were answered."
        raise BatchError(message)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} can't be read ({error}). Give a UTF-8 JSONL file."
        raise BatchError(message) from error


def _answers(conversation: BatchConversation, assistant: Assistant) -> list[dict[str, Any]]:
    rows = []
    conversation_id = None
    for number, turn in enumerate(conversation.turns, start=1):
        answer = assistant.reply(
            Question(
                text=turn.question,
                language=conversation.language,
                market=conversation.market,
                channel=conversation.channel,
                vehicle=conversation.vehicle,
                conversation_id=conversation_id,
            )
        )
        conversation_id = answer.conversation_id
        rows.append({"id": conversation.id, "turn": number, **answer.as_json()})
    return rows
