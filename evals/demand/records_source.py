"""What the assistant's own conversations say: ratings, and questions that it declined or answered badly, as reviews.

Input: the records. Output: reviews in the ledger, each once; what a visitor erased is blanked there too, with a tombstone.
"""

from __future__ import annotations

from datetime import UTC, datetime

from assistant.answer import Decision
from assistant.records import Rating, RecordedTurn, Records
from evals.demand.intake import Intake, add_reviews
from evals.demand.ledger import Ledger, Pseudonyms
from evals.demand.review import Review

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_STARS = {"up": 5.0, "down": 1.0}
_LOW = 2  # stars from which down an answer counts as bad
_SOURCE = "conversations"


def collect(records: Records, ledger: Ledger) -> Intake:
    """Bring what is new in the records into the ledger and return the counts. Raises `LedgerError`."""
    turns = {(turn.conversation_id, turn.turn): turn for turn in records.turns_since(_BEGINNING) if turn.audience == "customer"}
    ratings = [rating for rating in records.ratings_since(_BEGINNING) if (rating.conversation_id, rating.turn) in turns]
    people = Pseudonyms(ledger.folder)
    bad = {(rating.conversation_id, rating.turn) for rating in ratings if _stars(rating) <= _LOW}
    reviews = [_rated(rating, turns[rating.conversation_id, rating.turn], people) for rating in ratings]
    reviews += [_asked(turn, people) for place, turn in turns.items() if place in bad or _silent(turn)]
    _forget(records.erased(), ledger)
    return add_reviews(reviews, ledger, source=_SOURCE)


def _silent(turn: RecordedTurn) -> bool:
    """Say whether the knowledge had no answer; what a rule declines (a price, another subject) asks for no tutorial."""
    return turn.answer["decision"] == Decision.DECLINE.value and not turn.answer["rules"]


def _stars(rating: Rating) -> float:
    return float(rating.stars) if rating.stars is not None else _STARS.get(rating.thumb or "", 3.0)


def _rated(rating: Rating, turn: RecordedTurn, people: Pseudonyms) -> Review:
    return Review(
        origin="rating", text=rating.comment or "", about=turn.question, day=rating.at.date(), stars=_stars(rating),
        person=people.of(rating.conversation_id), language=turn.answer["question_language"], vehicle=_car(turn),
        answer=turn.answer["decision"], reference=f"{rating.conversation_id}:{rating.turn}:{rating.at.isoformat()}",
    )  # fmt: skip


def _asked(turn: RecordedTurn, people: Pseudonyms) -> Review:
    return Review(
        origin="question", text=turn.question, day=turn.at.date(), person=people.of(turn.conversation_id),
        language=turn.answer["question_language"], vehicle=_car(turn), answer=turn.answer["decision"],
        reference=f"{turn.conversation_id}:{turn.turn}",
    )  # fmt: skip


def _car(turn: RecordedTurn) -> str | None:
    car = turn.answer.get("vehicle")
    return " ".join(str(car[name]) for name in ("model", "year") if car.get(name)) if car else None


def _forget(erased: frozenset[str], ledger: Ledger) -> None:
    """Blank what came from conversations that their visitors erased since."""
    gone = [
        entry.n
        for entry in ledger.entries()
        if entry.kind in ("review", "duplicate")
        and entry.body
        and (reference := entry.body["review"].get("reference"))
        and entry.body["review"].get("origin") in ("rating", "question")
        and reference.partition(":")[0] in erased
    ]
    if gone:
        with ledger.writing() as writer:
            for number in gone:
                writer.remove(number, reason="erased by the visitor", by="visitor")
