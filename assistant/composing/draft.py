"""A draft: blocks of sentences, each bound to the passage it comes from, and its rendering as text with [n] markers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from assistant.answer import Citation, Cited, Delta, Statement
from knowledge.splitting import Chunk


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """One sentence of a draft with the passage it rests on; `step` is its number in a list of steps."""

    text: str
    chunk: Chunk
    step: int | None = None


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph or list: a connecting phrase (may be empty), then sentences (may be none)."""

    phrase: str = ""
    sentences: tuple[Drafted, ...] = ()


@dataclass
class Rendering:
    """What rendering a draft gave: the text so far, its statements and its citations."""

    text: str = ""
    statements: list[Statement] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)


def render(blocks: list[Block], into: Rendering) -> Iterator[Cited | Delta]:
    """Yield the text of verified blocks piece by piece, each citation before the text that carries its number.

    A passage has one number and one quote: the verbatim stretch of its text from the first to the last sentence used.
    """
    quotes = _quotes(blocks)
    numbers: dict[str, int] = {}
    for position, block in enumerate(blocks):
        pieces = ["\n\n"] if position else []
        pieces += [block.phrase] if block.phrase else []
        for place, drafted in enumerate(block.sentences):
            chunk = drafted.chunk
            if chunk.id not in numbers:
                numbers[chunk.id] = len(numbers) + 1
                citation = Citation(n=numbers[chunk.id], chunk=chunk, quote=quotes[chunk.id])
                into.citations.append(citation)
                yield Cited(citation=citation)
            number = numbers[chunk.id]
            into.statements.append(Statement(text=drafted.text, citations=(number,), grounded=True, step=drafted.step))
            last_of_run = place + 1 == len(block.sentences) or block.sentences[place + 1].chunk.id != chunk.id
            marker = f" [{number}]" if last_of_run else ""
            if drafted.step:
                pieces.append(f"\n{drafted.step}. {drafted.text}{marker}")
            else:
                pieces.append(f"{' ' if place or block.phrase else ''}{drafted.text}{marker}")
            yield _said("".join(pieces), into)
            pieces = []
        if pieces:
            yield _said("".join(pieces), into)


def _said(text: str, into: Rendering) -> Delta:
    into.text += text
    return Delta(text=text)


def _quotes(blocks: list[Block]) -> dict[str, str]:
    spans: dict[str, tuple[Chunk, int, int]] = {}
    for drafted in (sentence for block in blocks for sentence in block.sentences):
        chunk = drafted.chunk
        start = chunk.text.find(drafted.text)
        start, end = (start, start + len(drafted.text)) if start >= 0 else (0, len(chunk.text))
        _, first, last = spans.get(chunk.id, (chunk, start, end))
        spans[chunk.id] = (chunk, min(first, start), max(last, end))
    return {name: chunk.text[first:last] for name, (chunk, first, last) in spans.items()}
