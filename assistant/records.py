"""What is kept of a conversation: redacted questions, decisions, citations, times. The only module that knows SQLAlchemy.

Input: turns as they end. Output: the conversation to go on with. Personal data is taken out before anything is written.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text, create_engine, event, insert, select
from sqlalchemy.exc import SQLAlchemyError

from assistant.answer import Answer, Decision, Question
from assistant.conversation import Conversation, Topic
from assistant.redaction import redact
from knowledge.document import Audience, Role
from knowledge.vehicles import Vehicle

_log = logging.getLogger(__name__)
_metadata = MetaData()
_turns = Table(
    "turns",
    _metadata,
    Column("conversation_id", String(64), primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("audience", String(16), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("state", Text, nullable=False),
)


class Records:
    """Conversations in a database file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10})
        event.listen(self._engine, "connect", _configure)
        _metadata.create_all(self._engine)

    def conversation(self, conversation_id: str | None, audience: Audience) -> Conversation:
        """Return the recorded conversation of this audience, or a new one when there is none by that id."""
        if conversation_id:
            newest = (
                select(_turns.c.turn, _turns.c.state)
                .where(_turns.c.conversation_id == conversation_id, _turns.c.audience == audience)
                .order_by(_turns.c.turn.desc())
                .limit(1)
            )
            with self._engine.connect() as connection:
                row = connection.execute(newest).first()
            if row:
                return _read(conversation_id, row.turn, json.loads(row.state))
        return Conversation.new()

    def add(self, conversation: Conversation, question: Question, answer: Answer, audience: Audience) -> None:
        """Write the turn that `answer` ended. A database that fails costs the record, never the answer."""
        row = {
            "conversation_id": conversation.id,
            "turn": conversation.turns,
            "audience": audience,
            "at": datetime.now(UTC),
            "question": redact(question.text),
            "answer": redact(json.dumps(answer.as_json(), ensure_ascii=False)),
            "state": json.dumps(_written(conversation), ensure_ascii=False),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_turns).values(row))
        except SQLAlchemyError:
            _log.exception("The turn could not be recorded; the answer was given all the same.")

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def _configure(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA busy_timeout=10000")


def _written(conversation: Conversation) -> dict[str, Any]:
    topic = conversation.topic
    return {
        "language": conversation.language,
        "vehicle": conversation.vehicle.as_json() if conversation.vehicle else None,
        "topic": topic
        and {
            "text": redact(topic.text),
            "features": topic.features,
            "roles": [[role.value, task, weight] for (role, task), weight in topic.roles.items()],
        },
        "decision": conversation.decision,
        "choices": [vehicle.as_json() for vehicle in conversation.choices],
    }


def _read(conversation_id: str, turn: int, state: dict[str, Any]) -> Conversation:
    topic = state["topic"]
    return Conversation(
        id=conversation_id,
        turns=turn,
        language=state["language"],
        vehicle=Vehicle(**state["vehicle"]) if state["vehicle"] else None,
        topic=topic
        and Topic(
            text=topic["text"],
            features=topic["features"],
            roles={(Role(role), task): weight for role, task, weight in topic["roles"]},
        ),
        decision=Decision(state["decision"]) if state["decision"] else None,
        choices=tuple(Vehicle(**choice) for choice in state["choices"]),
    )
