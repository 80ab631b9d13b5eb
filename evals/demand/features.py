"""Which feature of a car a remark is about, by the knowledge's own lexicon and a few more words that remarks use.

Input: a remark and its language, and the scores of the model in `remark-topics/`. Output: one feature id, or None. A quicker
reading of the same words as `Lexicon.features_in`: remarks come by the ten thousand, so only the remark's languages are
searched, and a misspelt word is looked up once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from evals.demand.remark_lexicon import SETS, RemarkLexicon
from knowledge.lexicon import Lexicon
from knowledge.words import fold, stems

_LONGEST = 6  # words of a name
_FUZZY_FROM, _FUZZY_CUTOFF = 7, 87.0  # characters; below a misspelling is too often another word
_COLLOQUIAL = 0.9  # an everyday word says less than the feature's own name
_LANGUAGES = ("fr", "en")
FEATURE_MODEL = SETS / "remark-topics"
NO_FEATURE = "none"
# What a name adds to the model's score of its feature, and what "about no feature" has beforehand; chosen from the table that
# `python -m evals.demand.fitting names` prints.
_NAMED, _NOTHING = 0.2, 0.1


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A feature with the stems that named it and how sure that is, up to 1."""

    feature: str
    words: str
    weight: float


def settled(
    named: Sequence[Mention], scores: Mapping[str, float] | None, *, name: float = _NAMED, nothing: float = _NOTHING
) -> str | None:
    """Return the feature of a remark: by what its words name and the model's `scores` together, or by its plainest name.

    `name` weighs a name against a score; `nothing` is what being about no feature has beforehand.
    """
    if scores is None:
        return plainest.feature if (plainest := plainest_of(named)) else None
    weights: dict[str, float] = {}
    for mention in named:
        weights[mention.feature] = max(weights.get(mention.feature, 0.0), mention.weight)
    total = {feature: scores.get(feature, 0.0) + name * weights.get(feature, 0.0) for feature in {**scores, **weights}}
    total[NO_FEATURE] = total.get(NO_FEATURE, 0.0) + nothing
    first = max(total, key=lambda feature: total[feature])
    return None if first == NO_FEATURE else first


def plainest_of(named: Sequence[Mention]) -> Mention | None:
    """Return the mention that names its feature most plainly; of equals the first."""
    return max(named, key=lambda mention: mention.weight, default=None)


class FeatureReader:
    """Recognizes the features of one lexicon in remarks."""

    def __init__(self, lexicon: Lexicon, remark_lexicon: RemarkLexicon) -> None:
        self._terms: dict[str, dict[str, set[str]]] = {language: {} for language in _LANGUAGES}
        for feature in lexicon.features:
            self._add(feature.id, feature.words)
        self._own = own = {language: set(terms) for language, terms in self._terms.items()}
        known = {feature.id for feature in lexicon.features}
        for feature_id, names in remark_lexicon.features.items():
            if feature_id in known:
                # What the knowledge's lexicon names already keeps its meaning.
                self._add(feature_id, names, but=own)
        self._closest = lru_cache(maxsize=100_000)(self._closest_uncached)

    def _add(self, feature_id: str, names: dict[str, tuple[str, ...]], *, but: dict[str, set[str]] | None = None) -> None:
        for language in _LANGUAGES:
            for name in names.get(language, ()):
                key = " ".join(stems(name, language))
                if key and key not in (but or {}).get(language, ()):
                    self._terms[language].setdefault(key, set()).add(feature_id)

    def find(self, text: str, language: str) -> list[Mention]:
        """Return the features that a remark names, those named in its own language first."""
        order = (language, *(other for other in _LANGUAGES if other != language)) if language in _LANGUAGES else _LANGUAGES
        return [mention for searched in order for mention in self._mentions(text, searched, own=searched == language)]

    def _mentions(self, text: str, language: str, *, own: bool) -> list[Mention]:
        tokens = stems(text, language)
        terms = self._terms[language]
        taken = [False] * len(tokens)
        found: list[Mention] = []
        for size in range(min(_LONGEST, len(tokens)), 0, -1):
            for start in range(len(tokens) - size + 1):
                if any(taken[start : start + size]):
                    continue
                phrase = " ".join(tokens[start : start + size])
                key, certainty = (phrase, 1.0) if phrase in terms else self._closest(phrase, language) if own else (None, 0.0)
                if key is None:
                    continue
                taken[start : start + size] = [True] * size
                # A longer name is a plainer one; what several features share says less of each.
                weight = certainty * (1 + 0.25 * (size - 1)) / len(terms[key])
                weight *= 1.0 if key in self._own[language] else _COLLOQUIAL
                found += [Mention(feature=feature, words=key, weight=weight) for feature in sorted(terms[key])]
        return found

    def _closest_uncached(self, phrase: str, language: str) -> tuple[str | None, float]:
        if " " in phrase or len(phrase) < _FUZZY_FROM or any(character.isdigit() for character in fold(phrase)):
            return None, 0.0
        alike = [
            term for term in self._terms[language] if term[0] == phrase[0] and " " not in term and len(term) >= _FUZZY_FROM - 1
        ]
        near = process.extractOne(phrase, alike, scorer=fuzz.ratio, score_cutoff=_FUZZY_CUTOFF)
        return (near[0], 0.8 * near[1] / 100) if near else (None, 0.0)
