"""Checks every sentence against the passage it cites before it is shown.

First version, for verbatim sentences: the sentence is in the cited passage letter for letter, the passage is there for
this audience, and it holds for the car in question. No vector is computed.
"""

from __future__ import annotations

from dataclasses import replace

from assistant.composing.draft import Block, Drafted
from assistant.policy import may_show
from knowledge.document import Audience
from knowledge.vehicles import Vehicle, holds_for


def verify(blocks: list[Block], *, audience: Audience, vehicle: Vehicle | None) -> tuple[list[Block], int]:
    """Return the blocks without unsupported sentences, and how many were withheld. A block left without sentences goes."""
    kept: list[Block] = []
    withheld = 0
    for block in blocks:
        sound = tuple(drafted for drafted in block.sentences if supported(drafted, audience=audience, vehicle=vehicle))
        withheld += len(block.sentences) - len(sound)
        if sound or not block.sentences:
            kept.append(replace(block, sentences=sound))
    return kept, withheld


def supported(drafted: Drafted, *, audience: Audience, vehicle: Vehicle | None) -> bool:
    """Say whether a verbatim sentence may be shown with this passage as its ground."""
    return drafted.text in drafted.chunk.text and may_show(drafted.chunk, audience) and holds_for(drafted.chunk.vehicles, vehicle)
