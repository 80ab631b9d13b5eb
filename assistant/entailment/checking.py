"""Does a source support a claim, and does it contradict it? See `Entailment.check`. Is it retold? See `Entailment.retold`.

read → embed (one batch) → align → infer → clashes → evidence → probabilities. A claim of several sentences is as good as its
sentences on average, and is supported only when none of them clashes.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from assistant.entailment.alignment import Aligner, Alignment, Source
from assistant.entailment.calibration import EntailmentCalibration
from assistant.entailment.clashes import Clashes
from assistant.entailment.inference import Inference, Inferred, headed
from assistant.entailment.polarity import Polarity
from assistant.entailment.reading import Reader, language_of, pieces
from assistant.entailment.retelling import evidence as retelling_evidence
from assistant.entailment.vocabulary import Vocabulary
from knowledge.embedding import Embedder, Vectors
from knowledge.lexicon import Lexicon
from knowledge.vehicles import CarRange

_KEPT_VECTORS = 20_000
_LANGUAGES = frozenset({"fr", "en"})


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A claim and the source it should rest on; `language` is the claim's, guessed when None.

    `headings` of the source say what it is about: they name things, but no claim can rest on them.
    """

    claim: str
    source: str
    language: str | None = None
    headings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Cut:
    """A pair cut into sentences, with the languages of claim and source."""

    claims: list[str]
    language: str
    sources: list[str]
    other: str
    headings: list[str]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a check found. `reasons` name the clashes, and "elsewhere" when the meaning is not in the source.

    `support` is the probability that was asked for: of support, or of being retold.
    """

    support: float
    contradiction: float
    reasons: tuple[str, ...]
    supported: bool


class Entailment:
    """Checks claims against sources; sentence vectors are kept, so that a passage is embedded once."""

    def __init__(
        self,
        embedder: Embedder,
        inference: Inference,
        calibration: EntailmentCalibration,
        polarity: Polarity,
        vocabulary: Vocabulary,
        cars: CarRange,
    ) -> None:
        self._inference = inference
        self._calibration = calibration
        self._vocabulary = vocabulary
        self._reader = Reader(polarity, cars)
        aligner = Aligner({stem: tuple(others.split()) for stem, others in calibration.translations.items()})
        self._aligner = aligner
        self._clashes = Clashes(polarity, aligner)
        self._passages = _Kept(embedder.embed_passages)
        self._sentences = _Kept(embedder.embed_questions)  # E5 compares sentences of one kind best with its query prefix

    @classmethod
    def open(cls, embedder: Embedder, corpus: Path) -> Entailment:
        """Return the check with the data in `corpus`, or in a release. Raises `ConfigurationError`."""
        lexicon = corpus / "lexicon"
        return cls(
            embedder,
            Inference.shipped(),
            EntailmentCalibration.read(corpus / "entailment.yaml"),
            Polarity.read(lexicon / "polarity.yaml"),
            Vocabulary.read(lexicon / "synonyms.yaml"),
            Lexicon.read(lexicon).cars,
        )

    def check(self, pairs: list[Pair]) -> list[Judged]:
        """Return a judgement for each pair, in order; embeds what is new in one batch. Raises `EmbedderError`."""
        judged = []
        for evidence, reasons in self.weigh(pairs):
            support = self._calibration.support.probability(evidence) if evidence else 0.0
            contradiction = self._calibration.contradiction.probability(evidence) if evidence else 0.0
            across = evidence.get("across", 0.0) > 0
            least = self._calibration.supported_across_from if across else self._calibration.supported_from
            found = reasons if support >= least else (*reasons, "elsewhere")
            if contradiction >= self._calibration.contradicted_from:
                found = (*found, "contradiction")
            judged.append(Judged(support=support, contradiction=contradiction, reasons=found, supported=not found))
        return judged

    def retold(self, pairs: list[Pair]) -> list[Judged]:
        """Return for each claim whether it says in other words what its source says. Raises `EmbedderError`.

        Stricter than `check`: it is for a sentence that is shown as the source's own. Of several sentences each must hold.
        """
        judged = []
        for rows in self.weigh_retellings(pairs):
            support = min((self._calibration.retelling.probability(evidence) for evidence, _ in rows), default=0.0)
            found = tuple(dict.fromkeys(reason for _, reasons in rows for reason in reasons)) if rows else ("empty",)
            found = found if support >= self._calibration.retold_from else (*found, "elsewhere")
            judged.append(Judged(support=support, contradiction=0.0, reasons=found, supported=not found))
        return judged

    def weigh_retellings(self, pairs: list[Pair]) -> list[list[tuple[dict[str, float], tuple[str, ...]]]]:
        """Return evidence of retelling and clashes for each sentence of each claim. Raises `EmbedderError`."""
        found = []
        for inferred in self._infer(self._align(pairs, self._sentences)):
            rows = []
            for alignment, read in inferred:
                evidence = retelling_evidence(alignment, self._aligner, self._vocabulary) | {"entailed": read.entailed}
                rows.append((evidence, self._reasons(alignment, read)))
            found.append(rows)
        return found

    def weigh(self, pairs: list[Pair]) -> list[tuple[dict[str, float], tuple[str, ...]]]:
        """Return evidence and clashes for each pair; the evidence is empty when claim or source holds no sentence."""
        return [
            _mean([(one, read, self._clashes.find(one)) for one, read in found])
            for found in self._infer(self._align(pairs, self._passages))
        ]

    def _infer(self, found: list[list[Alignment]]) -> list[list[tuple[Alignment, Inferred]]]:
        """Return each alignment with what the model infers from its claim beside its grounds."""
        texts = [(alignment.claim.text, grounds_of(alignment)) for alignments in found for alignment in alignments]
        read = iter(self._inference.read(texts))
        return [[(alignment, next(read)) for alignment in alignments] for alignments in found]

    def _reasons(self, alignment: Alignment, read: Inferred) -> tuple[str, ...]:
        """Return what speaks against a retelling: clashes and somebody's own "I".

        Negations, opposites and quantifiers can be worded in more ways than rules know: where they alone clash, the model that
        reads both whole is heard, if it is sure and the sentence is no copy.
        """
        reasons = self._clashes.find(alignment)
        if read.entailed >= self._calibration.otherwise_worded_from and self._clashes.only_of_wording(reasons, alignment):
            reasons = ()
        grounds = [alignment.source.readings[number] for number in alignment.evidence]
        alone = alignment.claim.personal and not any(reading.personal for reading in grounds)
        return (*reasons, "personal") if alone else reasons

    def _align(self, pairs: list[Pair], embed: _Kept) -> list[list[Alignment]]:
        """Return for each pair how each sentence of its claim rests on its source; none when one of them is empty."""
        cuts = [self._cut(pair) for pair in pairs]
        vectors = embed([text for cut in cuts for text in (*cut.claims, *cut.sources)])
        found: list[list[Alignment]] = []
        for cut in cuts:
            claims = [self._reader.read(text, cut.language) for text in cut.claims]
            readings, headings = (
                tuple(self._reader.read(text, cut.other) for text in texts) for texts in (cut.sources, cut.headings)
            )
            if not readings or not any(claim.content for claim in claims):
                found.append([])
                continue
            source = Source(readings, np.array([vectors[text] for text in cut.sources], dtype=np.float32), headings)
            found.append([self._aligner.align(claim, vectors[claim.text], source) for claim in claims])
        return found

    def _cut(self, pair: Pair) -> _Cut:
        language = pair.language if pair.language in _LANGUAGES else language_of(pair.claim)
        source = language_of(pair.source)
        headings = [piece for heading in pair.headings for piece in pieces(heading, source)]
        return _Cut(pieces(pair.claim, language), language, pieces(pair.source, source), source, headings)


class _Kept:
    """Embeds texts and keeps their vectors, the latest `_KEPT_VECTORS` of them."""

    def __init__(self, embed: Callable[[list[str]], Vectors]) -> None:
        self._embed = embed
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    def __call__(self, texts: list[str]) -> dict[str, Vectors]:
        """Return the vector of each text; what is new is embedded in one batch. Raises `EmbedderError`."""
        new = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        found = dict(zip(new, self._embed(new), strict=True)) if new else {}
        for text in texts:
            if text in self._vectors:
                self._vectors.move_to_end(text)
                found[text] = self._vectors[text]
        for text in new:
            self._vectors[text] = found[text]
        while len(self._vectors) > _KEPT_VECTORS:
            self._vectors.popitem(last=False)
        return found


def grounds_of(alignment: Alignment) -> str:
    """Return what a claimed sentence is read beside: the headings, its best sentence with its neighbours, other evidence."""
    source, best = alignment.source, alignment.evidence[0]
    numbers = {best - 1, best, best + 1, *alignment.evidence}
    told = " ".join(reading.text for number, reading in enumerate(source.readings) if number in numbers)
    return headed([reading.text for reading in source.headings], told)


def _mean(weighed: list[tuple[Alignment, Inferred, tuple[str, ...]]]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the evidence of a claim's sentences on average, and all their clashes."""
    if not weighed:
        return {}, ("empty",)
    rows = [_evidence(alignment, inferred, clashes) for alignment, inferred, clashes in weighed]
    weights = [alignment.claim.weight + 0.5 for alignment, _, _ in weighed]
    mean = {name: float(np.average([row[name] for row in rows], weights=weights)) for name in rows[0]}
    mean["worst"] = min(row["cover_all"] for row in rows)
    mean["length"] = math.log(1 + sum(weights))
    return mean, tuple(dict.fromkeys(clash for _, _, clashes in weighed for clash in clashes))


def _evidence(alignment: Alignment, inferred: Inferred, clashes: tuple[str, ...]) -> dict[str, float]:
    """Return what both models weigh, for one claimed sentence."""
    claim = alignment.claim
    best, evidence, everywhere = (
        alignment.covered(alignment.evidence[:1]),
        alignment.covered(alignment.evidence),
        alignment.covered(alignment.everywhere),
    )
    cosine = float(alignment.cosines.max())
    kinds = [clash.split(":")[0] for clash in clashes]
    source = [alignment.source.readings[number] for number in alignment.evidence]
    negations = sum(bool(reading.negated) for reading in source[:1])
    row = {
        "entailed": inferred.entailed,
        "contradicted": inferred.contradicted,
        "cosine": cosine,
        "window": max(cosine, alignment.window_cosine),
        "cover_best": best,
        "cover_evidence": evidence,
        "cover_all": everywhere,
        "missing": math.log1p((1 - everywhere) * claim.weight),
        "bigrams": _bigrams(alignment),
        "backward": alignment.backward,
        "asks": float(claim.asks),
        "personal": float(claim.personal and not any(reading.personal for reading in source)),
        "across": float(claim.language != alignment.best.language),
        "negations_differ": float(bool(claim.negated) != bool(negations)),
        "denies": float(claim.denies != any(reading.denies for reading in source)),
    }
    for kind in ("number", "unit", "year", "ordinal", "name", "car", "negation", "opposite", "quantifier"):
        row[f"clash_{kind}"] = float(min(2, sum(name.split()[0] == kind for name in kinds)))
    near = max(0.0, min(1.0, (cosine - 0.8) / 0.15))
    row["near_negation"] = near * row["negations_differ"]
    row["near_clash"] = near * min(1.0, row["clash_number"] + row["clash_year"] + row["clash_opposite"] + row["clash_quantifier"])
    return row


def _bigrams(alignment: Alignment) -> float:
    """Share of the claim's neighbouring word pairs that the source holds too."""
    tokens = alignment.claim.tokens
    mine = set(pairwise(tokens))
    theirs = {pair for reading in alignment.source.readings for pair in pairwise(reading.tokens)}
    return len(mine & theirs) / len(mine) if mine else 0.0
