"""Does a sentence retell what one sentence of a passage says? Evidence for the third model of `calibration.py`.

Input: an `Alignment`. Output: named evidence. Told anew, a sentence shares few words with its passage, and nearness of meaning
decides; copied with a change, it is near in meaning whatever the change says, so what was added or lost counts there.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from assistant.entailment.alignment import Aligner, Alignment
from assistant.entailment.reading import Reading, Word
from assistant.entailment.vocabulary import Vocabulary

_MATCHED_FROM = 0.6
_MOST_THINGS = 2
_COPY_FROM, _WORD_OF_ITS_OWN = 0.6, 0.9
_NEW_WORDS_FROM = 0.15


def evidence(alignment: Alignment, aligner: Aligner, vocabulary: Vocabulary) -> dict[str, float]:
    """Return how near a claimed sentence is to its best sentence, how much of that it keeps, and what it adds to a copy.

    `things` are words of its own that follow an article: what a sentence names, and not how it puts it.
    """
    claim, best = alignment.claim, alignment.best
    grounds = [alignment.source.readings[number] for number in alignment.evidence]
    own = _missing(claim, [*grounds, *alignment.source.headings], aligner, vocabulary)
    lost = _weight(_missing(best, [claim], aligner, vocabulary), best.language, vocabulary)
    whole = _weight(best.content, best.language, vocabulary)
    things = sum(
        vocabulary.weight(word.stem, claim.language) == 1
        and word.place > 0
        and vocabulary.is_article(claim.tokens[word.place - 1], claim.language)
        for word in own
    )
    copied, added = _copied(claim, best), _weight(own, claim.language, vocabulary)
    return {
        "nearest": float(alignment.cosines[alignment.evidence[0]]),
        "kept": 1 - lost / whole if whole else 0.0,
        "copied": copied,
        "added": added,
        "things": float(min(_MOST_THINGS, things)),
        "copied_added": copied**2 * min(1.0, added),
        "copied_lost": copied * lost,
        "copied_things": copied * min(_MOST_THINGS, things),
        "adds": float(copied >= _COPY_FROM and added >= _WORD_OF_ITS_OWN),
        "turned": float(_turns_words_round(claim, best)),
    }


def _missing(reading: Reading, others: list[Reading], aligner: Aligner, vocabulary: Vocabulary) -> list[Word]:
    """Return the words of `reading`, each stem once, that no other reading holds in any form."""
    theirs = {word.stem for other in others for word in other.content}
    once = {word.stem: word for word in reversed(reading.content)}
    return [
        word
        for stem, word in once.items()
        if not any(
            aligner.match(stem, other) >= _MATCHED_FROM or vocabulary.alike(stem, other, reading.language) for other in theirs
        )
    ]


def _weight(words: Iterable[Word], language: str, vocabulary: Vocabulary) -> float:
    return sum(vocabulary.weight(stem, language) for stem in {word.stem for word in words})


def _turns_words_round(claim: Reading, best: Reading) -> bool:
    """Say whether a sentence is made of its best sentence's own words in another order.

    That is how two cars, or cause and effect, change places without a word that gives it away.
    """
    places = {stem: place for place, stem in reversed(list(enumerate(word.stem for word in best.content)))}
    stems = list(dict.fromkeys(word.stem for word in claim.content))
    kept = [places[stem] for stem in stems if stem in places]
    return len(stems) - len(kept) <= _NEW_WORDS_FROM * len(stems) and kept != sorted(kept)


def _copied(claim: Reading, best: Reading) -> float:
    """Return the share of the claim's neighbouring word pairs that stand in its best sentence too."""
    mine, theirs = set(pairwise(claim.tokens)), set(pairwise(best.tokens))
    return len(mine & theirs) / len(mine) if mine else 0.0
