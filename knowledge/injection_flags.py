"""Finds text that speaks to a language model instead of a reader, so that a person looks at it before it is published.

Input: a document. Output: findings of kind "instruction". The text stays what it is, data: it is quoted like any other, and
nothing in it is obeyed; prompts fence passages off. A reviewer decides whether the page keeps it.
"""

from __future__ import annotations

import re

from knowledge.document import Document
from knowledge.findings import Finding
from knowledge.words import fold

_SHOWN = 80
# What attackers write, in the languages of the markets, on folded text. Each pattern needs a command and its object: a page
# that says "ignore the message" or "follow the instructions on the display" is a good page.
_COMMANDS = (
    (
        r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:previous|prior|above|earlier|preceding|all|your|these|system)\b"
        r".{0,20}\b(?:instructions?|prompts?|rules?|directives?|guidelines?|restrictions?)\b"
    ),
    (
        r"\b(?:ignor\w+|oubli\w+|neglig\w+|contourn\w+)\b.{0,30}\b(?:instructions?|consignes?|directives?|regles)\b"
        r".{0,30}\b(?:precedent\w*|ci-dessus|anterieur\w*|systeme|donnees)\b"
    ),
    r"\b(?:ignor\w+|oubli\w+)\b.{0,12}\b(?:toutes? (?:les|tes|vos)|tes|vos)\b.{0,20}\b(?:instructions?|consignes?|regles)\b",
    (
        r"\b(?:ignor\w*|olvid\w*|dimentic\w*|vergiss|vergessen sie|ignorier\w*|esquec\w*|negeer|vergeet)\b.{0,40}"
        r"\b(?:instrucciones|instruccion|istruzioni|anweisungen|vorgaben|instrucoes|instructies|reglas|regole|regeln)\b"
    ),
    r"\b(?:you are|act as|pretend to be|behave as) (?:now |an? |the )*(?:ai|assistant|chatbot|language model|dan|system)\b",
    r"\b(?:tu es|vous etes|agis comme|agissez comme|comporte-toi comme)\b.{0,20}\b(?:assistant|ia|chatbot|modele de langage)\b",
    (
        r"\b(?:reveal|print|repeat|show|output|leak|affich\w+|revel\w+|repet\w+|divulgu\w+)\b.{0,40}"
        r"\b(?:system prompt|hidden prompt|your (?:instructions|prompt|rules)|(?:tes|vos) (?:instructions|consignes)"
        r"|prompt systeme)\b"
    ),
    r"\b(?:new|nouvelles?|updated) (?:system )?(?:instructions?|consignes?)\s*:",
    (
        r"\b(?:as|en tant que?) (?:an? |un |une )?(?:ai|ia|(?:large )?language model|modele de langage|assistant)\b.{0,30}"
        r"\b(?:you|must|should|tu|vous|devez|dois)\b"
    ),
    r"\b(?:tell|say to|inform|dis|dites|repond\w*)\b.{0,20}\b(?:the user|users|l'utilisateur|aux utilisateurs)\b",
    (
        r"\b(?:do not|don't|never|ne)\b.{0,30}\b(?:mention|reveal|tell|dis|mentionn\w+|revel\w+)\b.{0,30}"
        r"\b(?:these|this|ces|cette)\b.{0,15}\b(?:instructions?|prompt|consignes?)\b"
    ),
)
_MARKS = (
    r"<\|[a-z_]{2,20}\|>",
    r"\[/?(?:inst|system|sys)\]",
    r"<</?sys>>",
    r"(?:^|\n)\s*(?:#+\s*)?(?:system|assistant|developer)\s*(?:prompt|message)?\s*:",
    r"</?(?:system|instructions?|prompt|assistant)>",
    r"\bjailbreak|\bdo anything now\b",
)
_PATTERN = re.compile("|".join((*_COMMANDS, *_MARKS)), re.MULTILINE)


def instructions_in(text: str) -> str | None:
    """Return the beginning of the first passage that reads like an instruction to a model, or None."""
    folded = fold(text)
    match = _PATTERN.search(folded)
    return " ".join(folded[match.start() :].split())[:_SHOWN] if match else None


def flags_of(document: Document) -> list[Finding]:
    """Return a finding for every section of the document that reads like an instruction to a model."""
    found = []
    for section in document.sections:
        excerpt = instructions_in(f"{section.heading}\n{section.text}")
        if excerpt:
            message = f"{document.path}: section {section.id!r} reads like an instruction to a model: {excerpt!r}"
            found.append(
                Finding(kind="instruction", document_id=document.front.id, language=document.front.language, message=message)
            )
    return found
