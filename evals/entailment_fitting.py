"""Fits `corpus/entailment.yaml`: the models of support and contradiction, their thresholds, and the word translations.

`python -m evals.entailment_fitting [CASES.jsonl] > entailment.yaml` learns from machine-made pairs of the shipped pages (faithful
variants, and `mutations.py` with another seed than the one measured) and from a hash-chosen half of a file of labelled cases
(see `grounding_bench.py`). Translations are learnt from the pages that stand in both languages. Nothing is written but stdout.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from assistant.entailment import Entailment, EntailmentCalibration, Pair, Polarity
from assistant.entailment.calibration import Logistic
from assistant.entailment.inference import Inference
from assistant.entailment.vocabulary import Vocabulary
from evals.grounding_bench import GroundingCase, StoredVectors, first_half, read_cases
from evals.mutations import Place, mutate, places
from knowledge.embedding import BundledEmbedder
from knowledge.ingest import LEXICON
from knowledge.lexicon import Lexicon
from knowledge.settings import SHIPPED_CORPUS
from knowledge.words import stems

_SEED, _PER_KIND = 7, 60
_FAITHFUL = 160  # of each kind and language
_ROUNDS = 8
_TRANSLATION_FROM, _SEEN_FROM, _KEPT = 0.12, 2, 3
_SUPPORTED_FROM, _ACROSS_FROM, _CONTRADICTED_FROM = 0.4, 0.7, 0.9
# Evidence by the sign that it must have: whatever comes out with the other sign is noise of the sample and is left out.
_SUPPORT = {
    "entailed": 1,
    "cosine": 1, "window": 1, "cover_best": 1, "cover_evidence": 1, "cover_all": 1, "missing": -1, "bigrams": 1, "backward": 1,
    "worst": 1, "asks": -1,
    "personal": -1, "across": 1, "clash_number": -1, "clash_year": -1, "clash_name": -1, "clash_car": -1, "clash_negation": -1,
    "clash_quantifier": -1,
}  # fmt: skip
_CONTRADICTION = {
    "contradicted": 1,
    "cosine": 1, "cover_best": 1, "backward": 1, "negations_differ": 1, "near_negation": 1, "near_clash": 1, "denies": 1,
    "clash_negation": 1,
    "clash_opposite": 1, "clash_number": 1, "clash_quantifier": 1, "clash_year": 1,
}  # fmt: skip
_SYNONYMS = {
    "fr": {"appuyez sur": "pressez", "voiture": "véhicule", "touche": "bouton", "affiche": "montre", "environ": "à peu près",
    "vitesse": "allure",
           "aussi": "également", "vérifiez": "contrôlez", "moteur": "bloc moteur", "sert à": "permet de",
           "s'allume": "s'éclaire", "choisir": "sélectionner"},
    "en": {"press": "push", "car": "vehicle", "button": "key", "shows": "displays", "about": "around", "lamp": "light",
    "also": "too",
           "check": "verify", "starts": "begins", "comes on": "lights up", "choose": "pick", "sets": "adjusts"},
}  # fmt: skip


def translations(found: list[Place]) -> dict[str, str]:
    """Return French stem → English stems, learnt from aligned sentences (IBM model 1, Brown et al. 1993, both ways)."""
    aligned = [(stems(french.sentence, "fr"), stems(english.sentence, "en")) for french, english in parallel(found)]
    aligned = [(sorted(set(left)), sorted(set(right))) for left, right in aligned if left and right]
    forward, backward = _model_one(aligned), _model_one([(right, left) for left, right in aligned])
    seen = Counter(
        stem for left, right in aligned for stem in (*(f"fr:{stem}" for stem in left), *(f"en:{stem}" for stem in right))
    )
    table: dict[str, str] = {}
    for stem, others in sorted(forward.items()):
        scored = {other: (share * backward.get(other, {}).get(stem, 0.0)) ** 0.5 for other, share in others.items()}
        kept = [
            other
            for other, share in sorted(scored.items(), key=lambda item: -item[1])
            if share >= _TRANSLATION_FROM
            and min(seen[f"fr:{stem}"], seen[f"en:{other}"]) >= _SEEN_FROM
            and other != stem
            and not other.isdigit()
        ][:_KEPT]
        if kept and not stem.isdigit():
            table[stem] = " ".join(kept)
    return table


def parallel(found: list[Place]) -> list[tuple[Place, Place]]:
    """Return the sentences that stand in both languages, where a passage has as many in one as in the other."""
    passages: dict[tuple[str, str, int], dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
    for place in found:
        chunk = place.chunk
        passages[chunk.document_id, chunk.section_id, chunk.part][chunk.language].append(place)
    return [
        pair
        for passage in passages.values()
        if len(passage["fr"]) == len(passage["en"])
        for pair in zip(passage["fr"], passage["en"], strict=True)
    ]


def _model_one(aligned: list[tuple[list[str], list[str]]]) -> dict[str, dict[str, float]]:
    chances: dict[str, dict[str, float]] = defaultdict(dict)
    for left, right in aligned:
        for stem in left:
            chances[stem].update(dict.fromkeys(right, 1.0))
    for _ in range(_ROUNDS):
        counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for left, right in aligned:
            for other in right:
                total = sum(chances[stem][other] for stem in left)
                for stem in left:
                    counts[stem][other] += chances[stem][other] / total
        for stem, others in counts.items():
            whole = sum(others.values())
            chances[stem] = {other: count / whole for other, count in others.items()}
    return chances


def faithful(found: list[Place], chance: random.Random) -> list[Pair]:
    """Return sentences that say what their passage says: itself, translated, shortened, merged, reordered, with synonyms."""
    pairs: list[Pair] = []
    for language in ("fr", "en"):
        mine = [place for place in found if place.chunk.language == language]
        chosen = chance.sample(mine, min(_FAITHFUL, len(mine)))
        pairs += [_pair(place, place.sentence) for place in chosen]
        pairs += [_pair(place, text) for place in mine for text in [_shortened(place.sentence)] if text][:_FAITHFUL]
        pairs += [_pair(place, text) for place in mine for text in [_reordered(place.sentence)] if text][:_FAITHFUL]
        pairs += [_pair(place, text) for place in mine for text in [_with_synonym(place.sentence, language)] if text][:_FAITHFUL]
        neighbours = [(left, right) for left, right in pairwise(mine) if left.chunk is right.chunk]
        for left, right in chance.sample(neighbours, min(_FAITHFUL, len(neighbours))):
            pairs.append(
                _pair(left, f"{left.sentence.rstrip('.')}{' et ' if language == 'fr' else ' and '}{_lowered(right.sentence)}")
            )
    for french, english in chance.sample(both := parallel(found), min(2 * _FAITHFUL, len(both))):
        pairs += [_pair(french, english.sentence, "en"), _pair(english, french.sentence, "fr")]
    return pairs


def _pair(place: Place, claim: str, language: str | None = None) -> Pair:
    return Pair(claim=claim, source=place.chunk.passage, language=language or place.chunk.language)


def _lowered(sentence: str) -> str:
    first = sentence.split(maxsplit=1)[0]
    return sentence if first[1:] != first[1:].lower() else sentence[0].lower() + sentence[1:]


def _shortened(sentence: str) -> str | None:
    """Drop what stands between two commas, or in parentheses without a year."""
    shorter = re.sub(r", [^,;:]{8,60},", "", sentence, count=1)
    shorter = re.sub(r" \([^)\d]+\)", "", shorter, count=1)
    return shorter if shorter != sentence else None


def _reordered(sentence: str) -> str | None:
    match = re.match(r"^(?P<first>(?:Sur|En|Pour|On|In|With|Si|If|Quand|When)\b[^,;:]{5,70}), (?P<rest>[^;:]{15,}?)\.$", sentence)
    return f"{match['rest'][0].upper()}{match['rest'][1:]} {_lowered(match['first'])}." if match else None


def _with_synonym(sentence: str, language: str) -> str | None:
    changed = sentence
    for old, new in _SYNONYMS[language].items():
        changed = re.sub(rf"(?<!\w){old}(?!\w)", new, changed)
        changed = re.sub(rf"(?<!\w){old[0].upper()}{old[1:]}(?!\w)", new[0].upper() + new[1:], changed)
    return changed if changed != sentence else None


def fit(rows: list[dict[str, float]], labels: list[int], weights: list[float], signs: dict[str, int]) -> Logistic:
    """Return a logistic model in the units of the evidence itself; L2-regularized on standardized evidence."""
    names = list(signs)
    while True:
        matrix = np.array([[row.get(name, 0.0) for name in names] for row in rows])
        scaler = StandardScaler().fit(matrix, sample_weight=np.array(weights))
        model = LogisticRegression(C=0.3, max_iter=2000).fit(scaler.transform(matrix), labels, sample_weight=np.array(weights))
        slopes = dict(zip(names, model.coef_[0] / scaler.scale_, strict=True))
        wrong = [name for name, slope in slopes.items() if slope * signs[name] < 0]
        if not wrong:
            break
        names.remove(max(wrong, key=lambda name: abs(slopes[name]) * scaler.scale_[names.index(name)]))
    intercept = float(model.intercept_[0] - sum(slopes[name] * mean for name, mean in zip(names, scaler.mean_, strict=True)))
    return Logistic(intercept=round(intercept, 3), coefficients={name: round(float(slope), 3) for name, slope in slopes.items()})


def _balanced(groups: list[str]) -> list[float]:
    """Weigh every group the same, whatever its size."""
    sizes = Counter(groups)
    return [1000 / sizes[group] for group in groups]


def fitted(cases: list[GroundingCase], corpus: Path) -> dict[str, Any]:
    """Return the content of entailment.yaml; what `retelling_fitting.py` fits stays as it is there."""
    found = places(corpus)
    words = translations(found)
    present = EntailmentCalibration.read(corpus / "entailment.yaml")
    unset = Logistic(intercept=0.0, coefficients={})
    blank = present.model_copy(update={"support": unset, "contradiction": unset, "translations": words})
    cars = Lexicon.read(corpus / LEXICON).cars
    polarity, vocabulary = Polarity.read(corpus / LEXICON / "polarity.yaml"), Vocabulary.read(corpus / LEXICON / "synonyms.yaml")
    entailment = Entailment(StoredVectors(BundledEmbedder()), Inference(), blank, polarity, vocabulary, cars)
    sound = faithful(found, random.Random(_SEED))  # noqa: S311
    mutations = mutate(found, cars, per_kind=_PER_KIND, seed=_SEED)
    broken = [Pair(claim=one.claim, source=one.chunk.passage, language=one.language) for one in mutations]
    pages = [one.kind in ("page", "section", "foreign") for one in mutations]
    pairs = [*sound, *broken, *(Pair(claim=case.claim, source=case.source) for case in cases)]
    weighed = [evidence for evidence, _ in entailment.weigh(pairs)]
    machine, theirs = weighed[: len(sound) + len(broken)], weighed[len(sound) + len(broken) :]
    supports = [
        (row, int(case.label), f"{case.set}{case.label}")
        for row, case in zip(theirs, cases, strict=True)
        if case.task == "support"
    ]
    against = [
        (row, int(case.label), f"{case.set}{case.label}")
        for row, case in zip(theirs, cases, strict=True)
        if case.task == "contradiction"
    ]
    supports += [
        (row, int(place < len(sound)), f"machine{place < len(sound)}")
        for place, row in enumerate(machine)
        if place < len(sound) or pages[place - len(sound)]  # what differs in a word is for the hard checks
    ]
    against += [
        (row, int(place >= len(sound)), f"machine{place >= len(sound)}")
        for place, row in enumerate(machine)
        if place < len(sound) or not pages[place - len(sound)]
    ]
    models = {}
    for name, samples, names in (("support", supports, _SUPPORT), ("contradiction", against, _CONTRADICTION)):
        rows, labels, groups = zip(*samples, strict=True)
        models[name] = fit(list(rows), list(labels), _balanced(list(groups)), names).model_dump()
    return {
        **models,
        "retelling": present.retelling.model_dump(),
        "supported_from": _SUPPORTED_FROM,
        "supported_across_from": _ACROSS_FROM,
        "contradicted_from": _CONTRADICTED_FROM,
        "retold_from": present.retold_from,
        "otherwise_worded_from": present.otherwise_worded_from,
        "translations": words,
    }


def main(cases: Path | None) -> None:
    """Print entailment.yaml, fitted on the shipped pages and the first half of `cases`."""
    labelled = [case for case in read_cases(cases) if first_half(case)] if cases else []
    print("# Models of support and contradiction (assistant/entailment/calibration.py), and French stem → English stems.")
    print(
        "# Written by python -m evals.entailment_fitting; not by hand. Learnt from faithful and mutated sentences of the shipped"
    )
    print(
        f"# pages (seed {_SEED}) and {len(labelled)} labelled cases: the half of the case file that a hash of the source chooses."
    )
    print(
        yaml.safe_dump(fitted(labelled, SHIPPED_CORPUS), allow_unicode=True, sort_keys=False, width=130, default_flow_style=None),
        end="",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
