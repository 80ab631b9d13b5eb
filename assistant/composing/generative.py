"""Composes with a chat model: sentence by sentence from numbered passages, each with the passages it cites.

Input: messages and the passages in them. Output: finished sentences; `retelling.py` has each checked before it is shown.
An unfinished sentence is never given out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.chat_model import ChatModelError
from knowledge.sentences import sentences
from knowledge.splitting import Chunk
from knowledge.words import words

_MARKERS = re.compile(r"\s*\[(\d{1,3})\]")
_ANY_MARKER = re.compile(r"\s*[\[(](?:passages?\s*)?\d{1,3}(?:\s*,\s*\d{1,3})*[\])]", re.IGNORECASE)
_STEP = re.compile(r"^\s{0,3}(\d{1,2})[.)]\s+(?=\S)")
_BULLET = re.compile(r"^\s*[-*•]\s+")
_MARKUP = re.compile(r"\*\*|__|^#{1,6}\s+|^>\s+")
# A sentence has ended when a new one, or nothing but its markers, follows.
_END = re.compile(r"[.!?…][»\"”)]*(?:\s*\[\d{1,3}\])*(?=\s+[^\s\[])")
_COMPLETE = re.compile(r"[.!?…][»\"”)]*(?:\s*\[\d{1,3}\])*\.?\s*$")
_SILENT = "NO ANSWER"
_MOST_SENTENCES = 24
_LONGEST_SENTENCE = 800  # characters


@dataclass(frozen=True, kw_only=True)
class Written:
    """One finished sentence of a model without its markers, and the passages it cites; a list item has its number."""

    text: str
    chunks: tuple[Chunk, ...]
    resolved: bool
    step: int | None = None


def write(pieces: Iterable[str], passages: Sequence[Chunk], language: str) -> Iterator[Written]:
    """Yield the sentences of a model's reply as they are finished; a list item is one piece.

    Raises `ChatModelError` when the model fails, repeats itself, or says that the passages hold no answer.
    """
    said: set[str] = set()
    for line, step in _finished(pieces, language):
        text = " ".join(_ANY_MARKER.sub("", _MARKERS.sub("", line)).split()).replace(" .", ".")
        if _SILENT in text:
            reason = "it found no answer in the passages"
            raise ChatModelError(reason)
        key = " ".join(words(text))
        if not key:
            continue
        if key in said or len(said) >= _MOST_SENTENCES:
            reason = "it repeats itself" if key in said else "it does not come to an end"
            raise ChatModelError(reason)
        said.add(key)
        numbers = list(dict.fromkeys(int(number) for number in _MARKERS.findall(line)))
        known = tuple(passages[number - 1] for number in numbers if 0 < number <= len(passages))
        yield Written(text=text, chunks=known, resolved=len(known) == len(numbers), step=step)


def _finished(pieces: Iterable[str], language: str) -> Iterator[tuple[str, int | None]]:
    """Yield finished sentences with their markers, and list items with their numbers; an unfinished end is dropped."""
    held = ""
    for piece in pieces:
        held += piece
        *lines, held = held.split("\n")
        for line in lines:
            yield from _line(f"{line}\n", language, whole=True)
        if not _STEP.match(held):
            ends = [match.end() for match in _END.finditer(held)]
            if ends:
                yield from _line(held[: ends[-1]], language, whole=False)
                held = held[ends[-1] :]
        if len(held) > _LONGEST_SENTENCE:
            reason = "it does not end its sentence"
            raise ChatModelError(reason)
    yield from [(held, None)] if _SILENT in held else _line(held, language, whole=True)


def _line(line: str, language: str, *, whole: bool) -> Iterator[tuple[str, int | None]]:
    """Yield the complete sentences of a line, or its one list item; `whole` lines may end in something unfinished."""
    plain = _MARKUP.sub("", line).strip()
    step = _STEP.match(plain)
    if step:
        if line.endswith("\n") or _COMPLETE.search(plain):
            yield plain[step.end() :], int(step[1])
        return
    plain = _BULLET.sub("", plain)
    found = _with_markers([sentence.text for sentence in sentences(plain, language)])
    for place, sentence in enumerate(found):
        if _COMPLETE.search(sentence) or not (whole and place + 1 == len(found)):
            yield sentence, None


def _with_markers(found: list[str]) -> list[str]:
    """Give markers that were cut off at the start of a sentence back to the one before."""
    joined: list[str] = []
    for sentence in found:
        match = re.match(r"^(?:\s*\[\d{1,3}\])+\s*", sentence)
        if match and joined:
            joined[-1] += f" {match[0].strip()}"
            sentence = sentence[match.end() :]  # noqa: PLW2901  what is left of it
        if sentence.strip():
            joined.append(sentence)
    return joined
