"""What is kept of conversations: redacted questions, decisions, citations, times, ratings, hand-overs.

Personal data is taken out before anything is written. A conversation belongs to the visitor who began it: only who shows
the same token reads, rates or erases it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from assistant.answer import Answer, Question
from assistant.conversation import Conversation
from assistant.records.database import aware, open_database
from assistant.records.state import read, written
from assistant.records.tables import conversations, handovers, ratings, turns
from assistant.redaction import redact
from knowledge.document import Audience

_log = logging.getLogger(__name__)
HandoverState = Literal["open", "taken", "closed"]


@dataclass(frozen=True, kw_only=True)
class RecordedTurn:
    """One turn as it was kept: redacted question, the answer's object, when."""

    conversation_id: str
    turn: int
    audience: str
    at: datetime
    question: str
    answer: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Rating:
    """What a visitor said of one answer."""

    conversation_id: str
    turn: int
    at: datetime
    stars: int | None
    thumb: str | None
    comment: str | None


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A conversation that a person was asked to take over, with what that person needs to know."""

    id: str
    conversation_id: str
    at: datetime
    state: str
    summary: str


class Records:
    """Conversations in a database."""

    def __init__(self, place: Path | str, *, erased: Path | None = None) -> None:
        """Open the SQLite file or database address `place`. Raises `ConfigurationError`.

        `erased` is the file that remembers what was erased, outside the database and so outside its backups: what a restored
        backup brings back is erased again here, before anything serves. It lies beside a SQLite file by default.
        """
        self.engine = open_database(place)
        self._erased = erased or (place.with_suffix(".erased") if isinstance(place, Path) else None)
        self._erase_again()

    def conversation(self, conversation_id: str | None, audience: Audience, *, owner: str | None = None) -> Conversation:
        """Return the recorded conversation of this audience, or a new one when there is none by that id.

        `owner` is the visitor's token; somebody else's conversation counts as none.
        """
        if conversation_id:
            newest = (
                select(turns.c.turn, turns.c.state, conversations.c.owner)
                .join(conversations, conversations.c.id == turns.c.conversation_id, isouter=True)
                .where(turns.c.conversation_id == conversation_id, turns.c.audience == audience)
                .order_by(turns.c.turn.desc())
                .limit(1)
            )
            with self.engine.connect() as connection:
                row = connection.execute(newest).first()
            if row and row.owner in (None, _token_hash(owner)):
                return read(conversation_id, row.turn, json.loads(row.state))
        return Conversation.new()

    def add(
        self, conversation: Conversation, question: Question, answer: Answer, audience: Audience, *, owner: str | None = None
    ) -> None:
        """Write the turn that `answer` ended. A database that fails costs the record, never the answer."""
        now = datetime.now(UTC)
        row = {
            "conversation_id": conversation.id,
            "turn": conversation.turns,
            "audience": audience,
            "at": now,
            "question": redact(question.text),
            "answer": redact(json.dumps(answer.as_json(), ensure_ascii=False)),
            "state": json.dumps(written(conversation), ensure_ascii=False),
        }
        try:
            with self.engine.begin() as connection:
                if conversation.turns == 1:
                    began = {"id": conversation.id, "audience": audience, "owner": _token_hash(owner), "began": now}
                    connection.execute(insert(conversations).values(began))
                connection.execute(insert(turns).values(row))
        except SQLAlchemyError:
            _log.exception("The turn could not be recorded; the answer was given all the same.")

    def transcript(self, conversation_id: str, owner: str | None) -> list[RecordedTurn]:
        """Return the turns of a visitor's own conversation, in order; none when there is no such one or it is another's."""
        if not self._owns(conversation_id, owner):
            return []
        wanted = select(turns).where(turns.c.conversation_id == conversation_id).order_by(turns.c.turn)
        with self.engine.connect() as connection:
            return [_turn(row) for row in connection.execute(wanted)]

    def turns_since(self, moment: datetime) -> Iterator[RecordedTurn]:
        """Yield every turn recorded at or after `moment`, oldest first."""
        wanted = select(turns).where(turns.c.at >= moment).order_by(turns.c.at, turns.c.turn)
        with self.engine.connect() as connection:
            for row in connection.execute(wanted):
                yield _turn(row)

    def rate(self, rating: Rating, owner: str | None) -> bool:
        """Keep a rating of a visitor's own turn, its comment redacted; say whether there was such a turn."""
        if not self._owns(rating.conversation_id, owner):
            return False
        known = select(func.count()).where(turns.c.conversation_id == rating.conversation_id, turns.c.turn == rating.turn)
        with self.engine.begin() as connection:
            if not connection.execute(known).scalar():
                return False
            comment = redact(rating.comment) if rating.comment else None
            values = {name: getattr(rating, name) for name in ("conversation_id", "turn", "at", "stars", "thumb")}
            connection.execute(insert(ratings).values(**values, comment=comment))
        return True

    def ratings_since(self, moment: datetime) -> Iterator[Rating]:
        """Yield every rating given at or after `moment`, oldest first."""
        wanted = select(ratings).where(ratings.c.at >= moment).order_by(ratings.c.at)
        with self.engine.connect() as connection:
            for row in connection.execute(wanted):
                yield Rating(
                    conversation_id=row.conversation_id, turn=row.turn, at=aware(row.at), stars=row.stars, thumb=row.thumb,
                    comment=row.comment,
                )  # fmt: skip

    def erase(self, conversation_id: str, owner: str | None = None, *, by_operator: bool = False) -> bool:
        """Erase a conversation with its ratings and hand-overs for good; say whether it was there to erase.

        A visitor erases only their own; the operator any.
        """
        if not by_operator and not self._owns(conversation_id, owner):
            return False
        with self.engine.begin() as connection:
            gone = _erase(connection, conversation_id)
            if gone and self._erased:
                with self._erased.open("a", encoding="utf-8") as ledger:
                    ledger.write(conversation_id + "\n")
                    ledger.flush()
                    os.fsync(ledger.fileno())
        return gone

    def purge(self, before: datetime) -> int:
        """Delete the conversations that began before a moment; return how many."""
        with self.engine.begin() as connection:
            old = [row.id for row in connection.execute(select(conversations.c.id).where(conversations.c.began < before))]
            for conversation_id in old:
                _erase(connection, conversation_id)
        return len(old)

    def hand_over(self, conversation_id: str, summary: str, owner: str | None) -> str | None:
        """Put a visitor's own conversation into the inbox, its summary redacted; return its number, None if not theirs."""
        if not self._owns(conversation_id, owner):
            return None
        number = secrets.token_hex(8)
        row = {
            "id": number,
            "conversation_id": conversation_id,
            "at": datetime.now(UTC),
            "state": "open",
            "summary": redact(summary),
        }
        with self.engine.begin() as connection:
            connection.execute(insert(handovers).values(row))
        return number

    def handovers(self) -> list[Handover]:
        """Return the inbox, newest first."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(handovers).order_by(handovers.c.at.desc()))
            return [
                Handover(id=row.id, conversation_id=row.conversation_id, at=aware(row.at), state=row.state, summary=row.summary)
                for row in rows
            ]

    def move_handover(self, number: str, state: HandoverState) -> bool:
        """Set the state of a hand-over; say whether there is one by that number."""
        with self.engine.begin() as connection:
            return connection.execute(update(handovers).where(handovers.c.id == number).values(state=state)).rowcount > 0

    def erased(self) -> frozenset[str]:
        """Return the ids of the conversations that were erased from here."""
        known = self._erased is not None and self._erased.exists()
        return frozenset(self._erased.read_text(encoding="utf-8").split()) if self._erased and known else frozenset()

    def answers(self) -> bool:
        """Say whether the database answers."""
        try:
            with self.engine.connect() as connection:
                connection.execute(select(func.count()).select_from(conversations))
        except SQLAlchemyError:
            return False
        return True

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def _owns(self, conversation_id: str, owner: str | None) -> bool:
        known = select(conversations.c.owner).where(conversations.c.id == conversation_id)
        with self.engine.connect() as connection:
            row = connection.execute(known).first()
        return row is not None and owner is not None and row.owner == _token_hash(owner)

    def _erase_again(self) -> None:
        """Erase what a restored backup brought back."""
        erased = self.erased()
        if erased:
            with self.engine.begin() as connection:
                for conversation_id in erased:
                    _erase(connection, conversation_id)


def _token_hash(token: str | None) -> str | None:
    return hashlib.sha256(token.encode()).hexdigest() if token else None


def _erase(connection: Connection, conversation_id: str) -> bool:
    connection.execute(delete(ratings).where(ratings.c.conversation_id == conversation_id))
    connection.execute(delete(handovers).where(handovers.c.conversation_id == conversation_id))
    connection.execute(delete(turns).where(turns.c.conversation_id == conversation_id))
    return connection.execute(delete(conversations).where(conversations.c.id == conversation_id)).rowcount > 0


def _turn(row: Any) -> RecordedTurn:
    return RecordedTurn(
        conversation_id=row.conversation_id, turn=row.turn, audience=row.audience, at=aware(row.at), question=row.question,
        answer=json.loads(row.answer),
    )  # fmt: skip
