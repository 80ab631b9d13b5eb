"""What the pages say around the conversation, in French and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Texts:
    """The words of the customer page in one language."""

    title: str
    disclosure: str
    placeholder: str
    send: str
    new: str
    examples: tuple[str, ...]
    sources: str
    busy: str
    back: str
    gone: str
    reviewed: str


TEXTS = {
    "fr": Texts(
        title="Assistant Citroën",
        disclosure="Vous parlez à une **intelligence artificielle**. Elle répond selon les pages de la marque, sources citées.",
        placeholder="Votre question…",
        send="Envoyer",
        new="Nouvelle conversation",
        examples=(
            "À quoi servent les butées hydrauliques progressives ?",
            "D'où vient la suspension à butées hydrauliques ?",
            "Comment activer le régulateur adaptatif sur un C5 Aircross ?",
            "Pourquoi les sièges Advanced Comfort sont-ils confortables ?",
        ),
        sources="Sources",
        busy="Je n'arrive pas à répondre pour le moment. Réessayez dans un instant, ou demandez à votre point de vente Citroën.",
        back="Retour à la conversation",
        gone="Cette page n'est plus en ligne. Posez votre question à nouveau : la réponse s'appuiera sur les pages actuelles.",
        reviewed="Sources de ce passage",
    ),
    "en": Texts(
        title="Citroën assistant",
        disclosure="You are talking to an **artificial intelligence**. Its answers come from the brand's pages, with sources.",
        placeholder="Your question…",
        send="Send",
        new="New conversation",
        examples=(
            "What are Progressive Hydraulic Cushions for?",
            "Where does the hydraulic cushion suspension come from?",
            "How do I switch on adaptive cruise control on a C5 Aircross?",
            "Why are Advanced Comfort seats comfortable?",
        ),
        sources="Sources",
        busy="I cannot answer just now. Try again in a moment, or ask your Citroën point of sale.",
        back="Back to the conversation",
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
