"""Composes with a chat model: from the same numbered passages, sentence by sentence, each with the passages it cites.

Input: the question and passages. Output: sentences as they are finished; whoever asked verifies each before showing it.
An unfinished sentence is never given out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.chat_model import ChatModel, ChatModelError, Message
from knowledge.splitting import Chunk

_END = re.compile(r"(?<=[.!?…»])(?P<after>(?:\s*\[\d+\])+)?(?=\s+[A-ZÀ-Ý0-9«\"¿¡]|\s*\n|\s*$)")
_MARKERS = re.compile(r"\s*\[(\d+)\]")
_STEP = re.compile(r"^\s*(\d{1,2})[.)]\s+")
_SILENT = "NO ANSWER"
_MOST_SENTENCES = 14


@dataclass(frozen=True, kw_only=True)
class Written:
    """One finished sentence of a model, without its markers, and the passages it cites; `step` if it is a list item."""

    text: str
    chunks: tuple[Chunk, ...]
    step: int | None = None


def write(question: str, passages: list[Chunk], *, prompt: str, language: str, car: str, chat: ChatModel) -> Iterator[Written]:
    """Yield the sentences of the model's answer as they are finished.

    Raises `ChatModelError` when the model fails, loops, or says that the passages hold no answer.
    """
    said: set[str] = set()
    for line, step in _finished(chat.stream(_messages(question, passages, prompt, language, car))):
        text = " ".join(_MARKERS.sub("", line).split())
        if _SILENT in text:
            reason = "it found no answer in the passages"
            raise ChatModelError(reason)
        if not any(character.isalpha() for character in text):
            continue
        if text in said or len(said) >= _MOST_SENTENCES:
            reason = "it repeats itself" if text in said else "it does not come to an end"
            raise ChatModelError(reason)
        said.add(text)
        numbers = dict.fromkeys(int(number) for number in _MARKERS.findall(line))
        yield Written(text=text, chunks=tuple(passages[n - 1] for n in numbers if 0 < n <= len(passages)), step=step)


def _messages(question: str, passages: list[Chunk], prompt: str, language: str, car: str) -> list[Message]:
    """Return the prompt and, as one JSON object, the data: JSON keeps text from posing as anything but text."""
    data = {
        "passages": [{"number": n, "title": f"{c.title} — {c.section}", "text": c.text} for n, c in enumerate(passages, start=1)],
        "question": question,
    }
    system = prompt.replace("{language}", language).replace("{car}", f" ({car})" if car else "")
    return [Message(role="system", text=system), Message(role="user", text=json.dumps(data, ensure_ascii=False))]


def _finished(pieces: Iterator[str]) -> Iterator[tuple[str, int | None]]:
    """Yield finished sentences with their markers and step numbers; what is left unfinished at the end is dropped."""
    held = ""
    for piece in pieces:
        held += piece
        # The last sentence end seen may still get its markers, so it waits until something follows.
        ends = [match.end() for match in _END.finditer(held) if held[match.end() :].strip()]
        start = 0
        for end in ends:
            yield from _sentence(held[start:end])
            start = end
        held = held[start:]
    if re.search(r"[.!?…»](?:\s*\[\d+\])*\s*$", held):
        yield from _sentence(held)


def _sentence(text: str) -> Iterator[tuple[str, int | None]]:
    match = _STEP.match(text)
    body = text[match.end() :] if match else text
    if body.strip():
        yield body.strip(), int(match[1]) if match else None
