"""A draft: blocks of sentences, each bound to the passage it comes from, and its rendering as text with [n] markers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from assistant.answer import Citation, Cited, Delta, Statement
from knowledge.splitting import Chunk


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """One sentence of a draft with the passage it rests on; `step` is its number in a list of steps.

    `also` are more passages it takes to support it; `by_model` says that a model wrote it, so it is no verbatim text.
    """

    text: str
    chunk: Chunk
    step: int | None = None
    also: tuple[Chunk, ...] = ()
    by_model: bool = False


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph or list: a connecting phrase (may be empty), then sentences (may be none).

    `body` is what answers the question and may be told in other words; the rest (needs, limits, warnings, closing) may not.
    `continues` says that it goes on where the block before stopped.
    """

    phrase: str = ""
    sentences: tuple[Drafted, ...] = ()
    body: bool = False
    continues: bool = False


@dataclass
class Rendering:
    """What rendering a draft gave: the text so far, its statements and its citations."""

    text: str = ""
    statements: list[Statement] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)

    def numbers(self, chunks: tuple[Chunk, ...]) -> tuple[int, ...]:
        """Return the numbers of cited passages, in the order of `chunks`."""
        known = {citation.chunk.id: citation.n for citation in self.citations}
        return tuple(known[chunk.id] for chunk in chunks)


def render(blocks: list[Block], into: Rendering) -> Iterator[Cited | Delta]:
    """Yield the text of verified blocks piece by piece, each citation before the text that carries its number.

    A passage has one number and one quote: the verbatim stretch of its text from the first to the last sentence used, or
    the whole passage where a model told it in its own words. May be called again to go on with the same answer.
    """
    quotes = _quotes(blocks)
    for block in blocks:
        pieces = ["\n\n"] if into.text and not block.continues else []
        pieces += [block.phrase] if block.phrase else []
        for place, drafted in enumerate(block.sentences):
            for chunk in (drafted.chunk, *drafted.also):
                yield from _cited(chunk, quotes[chunk.id], into)
            numbers = into.numbers((drafted.chunk, *drafted.also))
            into.statements.append(Statement(text=drafted.text, citations=numbers, grounded=True, step=drafted.step))
            following = block.sentences[place + 1 : place + 2]
            last_of_run = not following or (following[0].chunk.id, following[0].also) != (drafted.chunk.id, drafted.also)
            marker = " " + "".join(f"[{number}]" for number in numbers) if last_of_run else ""
            if drafted.step:
                pieces.append(f"\n{drafted.step}. {drafted.text}{marker}")
            else:
                pieces.append(f"{' ' if place or block.phrase or block.continues else ''}{drafted.text}{marker}")
            yield _said("".join(pieces), into)
            pieces = []
        if pieces:
            yield _said("".join(pieces), into)


def _cited(chunk: Chunk, quote: str, into: Rendering) -> Iterator[Cited]:
    """Yield the citation of a passage when it has none yet."""
    if all(citation.chunk.id != chunk.id for citation in into.citations):
        citation = Citation(n=len(into.citations) + 1, chunk=chunk, quote=quote)
        into.citations.append(citation)
        yield Cited(citation=citation)


def _said(text: str, into: Rendering) -> Delta:
    into.text += text
    return Delta(text=text)


def _quotes(blocks: list[Block]) -> dict[str, str]:
    spans: dict[str, tuple[Chunk, int, int]] = {}
    for drafted in (sentence for block in blocks for sentence in block.sentences):
        for chunk in (drafted.chunk, *drafted.also):
            start = -1 if drafted.by_model else chunk.text.find(drafted.text)
            start, end = (start, start + len(drafted.text)) if start >= 0 else (0, len(chunk.text))
            _, first, last = spans.get(chunk.id, (chunk, start, end))
            spans[chunk.id] = (chunk, min(first, start), max(last, end))
    return {name: chunk.text[first:last] for name, (chunk, first, last) in spans.items()}
