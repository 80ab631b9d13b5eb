"""Does a sentence retell what one sentence of a passage says? Evidence for the third model of `calibration.py`.

Input: an `Alignment`. Output: named evidence. Told anew, a sentence shares few words with its passage, and nearness of meaning
decides; copied with a change, it is near in meaning whatever the change says, so what was added or lost counts there.
"""

from __future__ import annotations

from itertools import pairwise

from assistant.entailment.alignment import Aligner, Alignment
from assistant.entailment.reading import Reading
from assistant.entailment.vocabulary import Vocabulary

_MATCHED_FROM = 0.6


def evidence(alignment: Alignment, aligner: Aligner, vocabulary: Vocabulary) -> dict[str, float]:
    """Return how near a claimed sentence is to its best sentence, how much of that it keeps, and what it adds to a copy."""
    claim, best = alignment.claim, alignment.best
    grounds = [alignment.source.readings[number] for number in alignment.evidence]

    def weight(reading: Reading, others: list[Reading], *, missing: bool) -> float:
        """Weigh the words of `reading`, all of them or those that no other reading holds."""
        stems = dict.fromkeys(word.stem for word in reading.content)
        theirs = {word.stem for other in others for word in other.content}
        return sum(
            vocabulary.weight(stem, reading.language)
            for stem in stems
            if not (missing and any(_same(stem, other, reading.language) for other in theirs))
        )

    def _same(stem: str, other: str, language: str) -> bool:
        return aligner.match(stem, other) >= _MATCHED_FROM or vocabulary.alike(stem, other, language)

    added = weight(claim, [*grounds, *alignment.source.headings], missing=True)
    lost = weight(best, [claim], missing=True)
    whole = weight(best, [], missing=False)
    copied = _copied(claim, best)
    return {
        "nearest": float(alignment.cosines[alignment.evidence[0]]),
        "kept": 1 - lost / whole if whole else 0.0,
        "copied_added": copied**2 * min(1.0, added),
        "copied_lost": copied * lost,
    }


def _copied(claim: Reading, best: Reading) -> float:
    """Return the share of the claim's neighbouring word pairs that stand in its best sentence too."""
    mine, theirs = set(pairwise(claim.tokens)), set(pairwise(best.tokens))
    return len(mine & theirs) / len(mine) if mine else 0.0
