"""A social reply: what fits 280 characters of the answer, and a link to the rest. The facts stay, the length goes."""

from __future__ import annotations

from dataclasses import replace

from assistant.catalogue import Phrases
from assistant.composing.draft import Block

LIMIT = 280
_MARKER = len(" [1]")


def shortened(blocks: list[Block], phrases: Phrases, public_url: str) -> list[Block]:
    """Return the sentences from the start of an answer that fit beside the link to its page; never half a procedure.

    `blocks` are verified. A notice in the reader's language that stands first is kept.
    """
    first = next((sentence for block in blocks for sentence in block.sentences), None)
    if first is None:
        return blocks
    link = Block(phrase=phrases.more.format(link=f"{public_url.rstrip('/')}/passages/{first.chunk.id}"))
    notice = [block for block in blocks[:1] if block.phrase and not block.sentences]
    left = LIMIT - len(link.phrase) - sum(len(block.phrase) + 2 for block in notice) - 2
    lead = next(block for block in blocks if block.sentences)
    kept = []
    for sentence in lead.sentences:
        needed = len(sentence.text) + _MARKER + 1
        if sentence.step or needed > left:
            break
        kept.append(sentence)
        left -= needed
    told = [replace(lead, phrase="", sentences=tuple(kept))] if kept else []
    return [*notice, *told, link]
