"""Cuts text into sentences and steps, in any language. Input: a section's text. Output: verbatim pieces of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import sentencex

_STEP = re.compile(r"^\s{0,3}\d{1,2}[.)]\s+(?P<text>.+)$")
# sentencex takes a unit or a single letter before a full stop for an abbreviation ("30 km/h. Then …", "the C5 X. It …").
_AFTER_UNIT = re.compile(r"(?:\b(?:km/h|mph|kWh|kW|kg|mm|cm|km|min|m|h|s|g|A|V|X)|°C|%)\.\s+(?=[A-ZÀ-Ý«\"“])")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One verbatim sentence; `step` is its number in a numbered list, counted from 1, or None in prose."""

    text: str
    step: int | None = None


@lru_cache(maxsize=8192)
def sentences(text: str, language: str) -> tuple[Sentence, ...]:
    """Return the sentences of `text` in order; each is found in `text` letter for letter, a step without its number.

    A step is one piece even when it holds several sentences. Line breaks inside a paragraph stay as they are written.
    """
    found: list[Sentence] = []
    prose: list[str] = []

    def flush() -> None:
        paragraph = "\n".join(prose).strip()
        prose.clear()
        if paragraph:
            pieces = (part for piece in sentencex.segment(language, paragraph) for part in _split_after_units(piece))
            found.extend(Sentence(text=text) for piece in pieces if (text := piece.strip()))

    for line in text.split("\n"):
        step = _STEP.match(line)
        if step:
            flush()
            number = (found[-1].step or 0) + 1 if found else 1
            found.append(Sentence(text=step["text"].strip(), step=number))
        elif line.strip():
            prose.append(line)
        else:
            flush()
    flush()
    return tuple(found)


def _split_after_units(piece: str) -> list[str]:
    ends = [0, *(match.end() for match in _AFTER_UNIT.finditer(piece)), len(piece)]
    return [piece[start:end] for start, end in pairwise(ends)]
