"""Splits a review into remarks: a sentence each, and its clauses where it turns ("but", "mais", "par contre").

Input: a review's text and language. Output: verbatim pieces of it, in order. A piece too short to mean anything by itself
stays with the one before.
"""

from __future__ import annotations

import re

from knowledge.sentences import sentences
from knowledge.words import words

_TURN = re.compile(
    r"(?<=[\w)!?.…])\s*(?:,|;|\.{2,}|…)?\s+"
    r"(?=(?:mais|par contre|en revanche|sauf que|hormis|but|however|although|except that|on the other hand)\b)"
    r"|\s*;\s+",
    re.IGNORECASE,
)
_FEWEST = 3  # words of a remark of its own
_PIECE = 1_000  # characters; text without sentence ends is cut here at the latest


def remarks_of(text: str, language: str) -> list[str]:
    """Return the remarks in `text`, in order; none for empty text."""
    found: list[str] = []
    for sentence in sentences(text, language if language in ("fr", "en") else "en"):
        for piece in _TURN.split(sentence.text):
            if not words(piece) and not found:
                continue
            if found and len(words(piece)) < _FEWEST:
                found[-1] = f"{found[-1]} {piece.strip()}"
            elif piece.strip():
                found.append(piece.strip())
    if len(found) > 1 and len(words(found[0])) < _FEWEST:
        found[:2] = [f"{found[0]} {found[1]}"]
    return [part for remark in found for part in _cut(remark)] or ([text.strip()] if text.strip() else [])


def _cut(remark: str) -> list[str]:
    parts = []
    while len(remark) > _PIECE:
        end = remark.rfind(" ", 0, _PIECE)
        end = end if end > 0 else _PIECE
        parts.append(remark[:end].strip())
        remark = remark[end:].strip()
    return [*parts, remark] if remark else parts
