"""What a question means: its language, the car, the features, what is to be done, and what earlier turns already said.

Input: a question and the conversation so far. Output: `Understood`, on which every later step works. Next: `policy.py`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import Literal

from assistant.answer import Decision, Question
from assistant.conversation import Conversation, Roles, Topic
from assistant.release import Release
from knowledge.errors import BrandAssistantError
from knowledge.language import identify
from knowledge.lexicon import Lexicon
from knowledge.vehicles import Vehicle
from knowledge.words import words

_CARRIED = 0.8  # a feature that only earlier turns named counts less than one named now
_SHORT = 7  # words: a question without a feature of its own and this short leans on the one before
_LONGER = 15  # words of a reply to a question back, or of a question that refers to the one before


class QuestionError(BrandAssistantError):
    """A question that can't be read. `kind` names the phrase to show for it."""

    def __init__(self, *, kind: Literal["empty", "too_long", "unreadable"], characters: int = 0) -> None:
        self.kind = kind
        self.characters = characters
        super().__init__(f"The text is {kind.replace('_', ' ')} ({characters:,} characters). Write it in a sentence or two.")


@dataclass(frozen=True, kw_only=True)
class Understood:
    """A question, understood. `text` stands alone.

    `vehicle_named` says whether this very question names a car, `asks_twice` whether it holds two questions, `in_few_words`
    whether its own words are too few to be judged by themselves.
    """

    question: Question
    text: str
    language: str
    languages: tuple[str, ...]
    market: str
    vehicle: Vehicle | None
    vehicle_named: bool
    features: dict[str, float]
    roles: Roles
    follows_up: bool
    asks_twice: bool
    in_few_words: bool

    @property
    def topic(self) -> Topic:
        """What the next question may leave out."""
        return Topic(text=self.text, features=self.features, roles=self.roles)


def clean(text: str, limit: int) -> str:
    """Return `text` without control and invisible characters, on one line. Raises `QuestionError`."""
    if len(text) > limit:
        raise QuestionError(kind="too_long", characters=len(text))
    kept = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    line = " ".join(kept.split())
    if not line:
        raise QuestionError(kind="empty")
    if not any(character.isalnum() for character in line):
        raise QuestionError(kind="unreadable", characters=len(line))
    return line


def understand(question: Question, text: str, conversation: Conversation, release: Release, *, market: str) -> Understood:
    """Return what the cleaned `text` of `question` means after the turns of `conversation`."""
    recognition, lexicon = release.recognition, release.lexicon
    language = identify(
        text,
        names=lexicon.turns.names,
        vocabulary=lexicon.vocabulary,
        previous=conversation.language or question.language,
    )
    said = _choice(text, conversation, lexicon) or _offered(recognition.find(text, previous=conversation.vehicle), conversation)
    given = recognition.find(question.vehicle) if question.vehicle else None
    features, roles = lexicon.features_in(text), lexicon.roles_in(text)
    asks_twice, in_few_words = lexicon.turns.asks_twice(text), len(words(text)) <= _SHORT
    topic = conversation.topic
    follows_up = topic is not None and _follows_up(text, features, said, conversation, lexicon)
    if topic is not None and follows_up:
        text = f"{topic.text} {text}"
        carried = {name: weight * _CARRIED for name, weight in topic.features.items()}
        # What few words name is meant instead; a longer reply to a question back only describes the car.
        features = (features or carried) if in_few_words else (carried or features)
        roles = roles or topic.roles
    return Understood(
        question=question,
        text=text,
        language=language,
        languages=release.catalogue.order(question.language or language),
        market=market,
        vehicle=said or given or conversation.vehicle,
        vehicle_named=said is not None,
        features=features,
        roles=roles,
        follows_up=follows_up,
        asks_twice=asks_twice,
        in_few_words=in_few_words,
    )


def _choice(text: str, conversation: Conversation, lexicon: Lexicon) -> Vehicle | None:
    """Return the offered car that a short reply picks by its place ("the 2nd", "la deuxième", "1")."""
    if not conversation.choices or len(words(text)) > _SHORT:
        return None
    plain = " ".join(words(text))
    for place, pattern in lexicon.turns.places.items():
        if place < len(conversation.choices) and pattern.search(plain):
            return conversation.choices[place]
    return None


def _offered(said: Vehicle | None, conversation: Conversation) -> Vehicle | None:
    """Return the car that was named; where its year fits two cars that were offered, the newer: nobody is asked twice."""
    if said is None or said.year is None or said.generation is not None:
        return said
    same = [choice for choice in conversation.choices if choice.model == said.model]
    return replace(same[-1], year=said.year, energy=said.energy) if same else said


def _follows_up(
    text: str, features: dict[str, float], said: Vehicle | None, conversation: Conversation, lexicon: Lexicon
) -> bool:
    """Say whether a question leans on the one before: a reply to a question back, a car alone, or no topic of its own."""
    plain = words(text)
    if len(plain) > _LONGER:
        return False
    asked_back, short = conversation.decision is Decision.CLARIFY, len(plain) <= _SHORT
    if said and (asked_back or not features):
        unanswered = conversation.decision in (Decision.CLARIFY, Decision.DECLINE)
        states = unanswered and "?" not in text and not lexicon.roles_in(text)
        return short or states  # "ah sorry, it is a C5 X of 2022, the petrol one"
    if said or features:
        return short and not features and lexicon.turns.leans_on_before(" ".join(plain))
    return lexicon.turns.refers_back(" ".join(plain)) or (short and lexicon.turns.leans_on_before(" ".join(plain)))
