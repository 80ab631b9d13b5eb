"""Cuts a sentence into what it says one after the other, so that a false half can't hide behind a true one.

Input: a sentence. Output: its clauses, each long enough to be judged alone; whether an "and" became an "or".
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from knowledge.words import words

_WORDS = r"and|but|while|which|et|mais|tandis qu[e'\u2019]|qui"
_BETWEEN = re.compile(rf"[,;:]\s+(?:(?:{_WORDS}|or|ou)\s+)?|\s+(?:{_WORDS})\s+")
_ALTERNATIVES = frozenset({"or", "ou", "either", "soit"})
_NEARLY_THE_SAME = 0.75  # share of words in common from which one sentence is meant to repeat the other
_SHORTEST = 4  # words: less says too little to be judged alone


def clauses(sentence: str) -> list[str]:
    """Return the clauses of a sentence in order; the whole sentence where it has only one."""
    found: list[str] = []
    for piece in _BETWEEN.split(sentence.rstrip(".!… ")):
        short = len(piece.split()) < _SHORTEST
        if found and (short or len(found[-1].split()) < _SHORTEST):
            found[-1] += f" {piece}"
        else:
            found.append(piece)
    return found


def alternatives_differ(sentence: str, others: list[str]) -> bool:
    """Say whether a sentence nearly repeats one of the others but has another number of "or"s: both became either."""
    mine = words(sentence)
    nearest = max(others, key=lambda other: _likeness(mine, words(other)), default="")
    theirs = words(nearest)
    if _likeness(mine, theirs) < _NEARLY_THE_SAME:
        return False
    return sum(word in _ALTERNATIVES for word in mine) != sum(word in _ALTERNATIVES for word in theirs)


def _likeness(mine: list[str], theirs: list[str]) -> float:
    return SequenceMatcher(a=mine, b=theirs, autojunk=False).ratio()
