"""What our own pages say around the conversation, in French and English; the widget brings its own words."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Texts:
    """The words of the customer page in one language."""

    title: str
    examples: tuple[str, ...]
    cars: str
    by_car: dict[str, tuple[str, ...]]
    privacy: str
    erase: str
    back: str
    gone: str
    reviewed: str


TEXTS = {
    "fr": Texts(
        title="Assistant Citroën",
        examples=(
            "À quoi servent les butées hydrauliques progressives ?",
            "D'où vient la suspension à butées hydrauliques ?",
            "Comment activer le régulateur adaptatif sur un C5 Aircross ?",
            "Pourquoi les sièges Advanced Comfort sont-ils confortables ?",
        ),
        cars="Questions par voiture",
        by_car={
            "C3": (
                "La C3 a-t-elle des butées hydrauliques ?",
                "Comment réinitialiser la pression des pneus sur la C3 de 2019 ?",
            ),
            "C4": (
                "Comment couper l'aide au maintien dans la voie sur la C4 de 2021 ?",
                "En combien de temps se recharge la ë-C4 ?",
            ),
            "C5 Aircross": (
                "Comment activer le régulateur adaptatif sur le C5 Aircross de 2020 ?",
                "Comment rabattre les sièges arrière du C5 Aircross ?",
            ),
            "C5 X": (
                "Qu'est-ce que la suspension active de la C5 X ?",
                "Comment régler la hauteur du hayon sur la C5 X ?",
            ),
            "Berlingo": (
                "Comment utiliser l'affichage tête haute du Berlingo ?",
                "À quoi sert le Modutop du Berlingo ?",
            ),
        },
        privacy="Vos questions sont gardées sans données personnelles. Ne donnez ni nom, ni plaque, ni numéro.",
        erase="Effacer cette conversation",
        back="Poser une question",
        gone="Cette page n'est plus en ligne. Posez votre question à nouveau : la réponse s'appuiera sur les pages actuelles.",
        reviewed="Sources de ce passage",
    ),
    "en": Texts(
        title="Citroën assistant",
        examples=(
            "What are Progressive Hydraulic Cushions for?",
            "Where does the hydraulic cushion suspension come from?",
            "How do I switch on adaptive cruise control on a C5 Aircross?",
            "Why are Advanced Comfort seats comfortable?",
        ),
        cars="Questions by car",
        by_car={
            "C3": (
                "Does the C3 have hydraulic cushions?",
                "How do I reset the tyre pressure on a 2019 C3?",
            ),
            "C4": (
                "How do I turn off lane keeping on a 2021 C4?",
                "How long does the ë-C4 take to charge?",
            ),
            "C5 Aircross": (
                "How do I switch on adaptive cruise control on a 2020 C5 Aircross?",
                "How do the rear seats of the C5 Aircross fold?",
            ),
            "C5 X": (
                "What is the active suspension of the C5 X?",
                "How do I set the tailgate height on the C5 X?",
            ),
            "Berlingo": (
                "How do I use the head-up display of the Berlingo?",
                "What is the Modutop of the Berlingo for?",
            ),
        },
        privacy="Your questions are kept without personal data, to improve the answers. Please give no name, plate or number.",
        erase="Erase this conversation",
        back="Ask a question",
        gone="This page is no longer online. Ask your question again: the answer will rest on the current pages.",
        reviewed="Sources of this passage",
    ),
}


def language_of(accept_language: str | None) -> str:
    """Return "fr" or "en" from a browser's Accept-Language header: the first of the two it names, else French."""
    for item in (accept_language or "").split(","):
        code = item.split(";")[0].strip().lower()[:2]
        if code in TEXTS:
            return code
    return "fr"


def typeset(text: str) -> str:
    """Return a text whose French punctuation stays on the line of the word before it."""
    return re.sub("« ", "«\u202f", re.sub(r" (?=[?!;:»])", "\u202f", text))
