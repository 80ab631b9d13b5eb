"""What a question means: its language, the car, the features, what is to be done, and what earlier turns already said.

Input: a question and the conversation so far. Output: `Understood`, on which every later step works. Next: `policy.py`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from assistant.answer import Decision, Question
from assistant.conversation import Conversation, Roles, Topic
from assistant.language import identify
from assistant.release import Release
from knowledge.errors import BrandAssistantError
from knowledge.vehicles import Vehicle
from knowledge.words import words

_CARRIED = 0.8  # a feature that only earlier turns named counts less than one named now
_SHORT = 7  # words: a question without a feature of its own and this short leans on the one before
_FOLLOW_UP = re.compile(
    r"^(et|mais|ok|oui|and|but|so|yes|y|pero|und|aber|e|ma|mas|en|maar)\b|"
    r"\b(le|la|les|l|it|that|this|one|lo|ihn|sie|es|ca|cela|celui|celle|ceux|celles)$|"
    r"\b(l (activer|desactiver|utiliser|regler|eteindre|allumer|enlever|avoir)|le (desactiver|regler|couper|faire|mettre)|"
    r"la (desactiver|regler|couper|mettre)|(switch|turn|set|use|disable|activate|deactivate|cancel) (it|that|them)|does it|is it|can it|"
    r"ca (marche|fonctionne|sert)|desactivarlo|activarlo|ausschalten|disattivarlo|attivarlo|desativa lo|uitzetten)\b"
)


class QuestionError(BrandAssistantError):
    """A question that can't be read. `kind` names the phrase to show: `empty`, `too_long` or `unreadable`."""

    def __init__(self, kind: str, *, characters: int = 0) -> None:
        self.kind = kind
        self.characters = characters
        super().__init__(f"The question is {kind.replace('_', ' ')} ({characters:,} characters). Write it in a sentence or two.")


@dataclass(frozen=True, kw_only=True)
class Understood:
    """A question, understood. `text` stands alone; `vehicle_named` says whether this very question names a car."""

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

    @property
    def topic(self) -> Topic:
        """What the next question may leave out."""
        return Topic(text=self.text, features=self.features, roles=self.roles)


def clean(text: str, limit: int) -> str:
    """Return `text` without control and invisible characters, on one line. Raises `QuestionError`."""
    if len(text) > limit:
        raise QuestionError("too_long", characters=len(text))
    kept = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    line = " ".join(kept.split())
    if not line:
        raise QuestionError("empty")
    if not any(character.isalnum() for character in line):
        raise QuestionError("unreadable", characters=len(line))
    return line


def understand(question: Question, text: str, conversation: Conversation, release: Release, *, market: str) -> Understood:
    """Return what the cleaned `text` of `question` means after the turns of `conversation`."""
    recognition, lexicon = release.recognition, release.lexicon
    language = identify(text, previous=conversation.language or question.language)
    chosen = _choice(text, conversation)
    said = chosen or recognition.find(text, previous=conversation.vehicle)
    given = recognition.find(question.vehicle) if question.vehicle else None
    features, roles = lexicon.features_in(text), lexicon.roles_in(text)
    topic = conversation.topic
    follows_up = topic is not None and _follows_up(text, features, said, conversation, chosen)
    if topic is not None and follows_up:
        text = f"{topic.text} {text}"
        features = features or {name: weight * _CARRIED for name, weight in topic.features.items()}
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
    )


def _choice(text: str, conversation: Conversation) -> Vehicle | None:
    """Return the offered car that a short reply picks by its place ("the 2nd", "la deuxième", "1")."""
    if not conversation.choices or len(words(text)) > _SHORT:
        return None
    places = {
        0: r"\b(1|1er|1ere|premiere?|first|1st|primer[oa]?|erste[rs]?|prim[oa])\b",
        1: r"\b(2|2e|2eme|deuxieme|second[eoa]?|2nd|segund[oa]|zweite[rs]?)\b",
        2: r"\b(3|3e|3eme|troisieme|third|3rd|tercer[oa]?|dritte[rs]?|terz[oa])\b",
        -1: r"\b(derniere?|last|ultim[oa]|letzte[rs]?)\b",
    }
    plain = " ".join(words(text))
    for place, pattern in places.items():
        if re.search(pattern, plain) and place < len(conversation.choices):
            return conversation.choices[place]
    return None


def _follows_up(
    text: str, features: dict[str, float], said: Vehicle | None, conversation: Conversation, chosen: Vehicle | None
) -> bool:
    """Say whether a question leans on the one before: a choice among cars, a car alone, or no topic of its own."""
    length = len(words(text))
    if chosen or (conversation.decision is Decision.CLARIFY and said and length <= _SHORT):
        return True
    if features:
        return False
    if said and length <= _SHORT:
        return True
    return length <= _SHORT and bool(_FOLLOW_UP.search(" ".join(words(text))))
