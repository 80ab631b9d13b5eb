"""Fits the model of retelling in `corpus/entailment.yaml`, and sets the probability from which a sentence counts as retold.

`python -m evals.retelling_fitting > entailment.yaml` learns from sentences that were written for it (`sets/retellings.jsonl`:
said in other words, or with something changed or added; and those of `sets/inference-training.jsonl` that the inference model
has not learnt from), the development half of `sets/paraphrases.jsonl`, near copies made by machine (`faithful`), and sentences of
other sections and pages. What the hard checks reject is left out: the model need not know it. Everything else in the file stays.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import yaml

from assistant.entailment import Entailment, Pair
from assistant.entailment.reading import language_of
from assistant.grounding import pair_of
from evals.entailment_fitting import faithful, fit
from evals.grounding_bench import StoredVectors
from evals.inference.pairs import held_out
from evals.mutations import Place, mutate, places
from evals.paraphrases import read_paraphrases, read_retellings
from evals.questions import SETS
from knowledge.embedding import BundledEmbedder
from knowledge.ingest import LEXICON
from knowledge.lexicon import Lexicon
from knowledge.settings import SHIPPED_CORPUS
from knowledge.splitting import Chunk

_SEED, _PER_KIND, _COPIES = 7, 60, 4
# From here on 95 % of the development paraphrases are shown, of `sets/weak-retellings.jsonl` 90 % of the true sentences, and 84 %
# of the wrong ones withheld; from 0.5 on it is 95, 92 and 78 %, from 0.7 on 95, 87 and 87 %, from 0.8 on 88, 84 and 93 %.
_RETOLD_FROM = 0.6
_SIGNS = {
    "entailed": 1,
    "nearest": 1,
    "kept": 1,
    "copied_added": -1,
    "copied_lost": -1,
    "things": -1,
    "copied_things": -1,
    "adds": -1,
    "turned": -1,
}
_ELSEWHERE = ("page", "section")


def samples(corpus: Path, found: list[Place]) -> list[tuple[Pair, bool, str]]:
    """Return what is learnt from: a claim with its passage, whether it is faithful, and which kind it is of."""
    passages: dict[tuple[str, str], Chunk] = {(place.chunk.language, place.sentence): place.chunk for place in found}
    written = [(one.language, one.source, one.claim, one.faithful) for one in read_retellings(SETS / "retellings.jsonl")]
    written += [
        (one.language, one.source, one.paraphrase, True)
        for one in read_paraphrases(SETS / "paraphrases.jsonl")
        if one.half == "development"
    ]
    written += held_out()
    rows = [
        (pair_of(claim, (passages[language, source],), language), sound, "written")
        for language, source, claim, sound in written
        if (language, source) in passages
    ]
    copies = [pair for pair in faithful(found, random.Random(_SEED)) if pair.language == language_of(pair.source)]  # noqa: S311
    rows += [(pair, True, "copy") for pair in copies[::_COPIES]]
    mutations = mutate(found, Lexicon.read(corpus / LEXICON).cars, per_kind=_PER_KIND, seed=_SEED)
    rows += [(pair_of(one.claim, (one.chunk,), one.language), False, one.kind) for one in mutations if one.kind in _ELSEWHERE]
    return rows


def fitted(corpus: Path) -> dict[str, Any]:
    """Return the content of entailment.yaml with the model of retelling fitted anew."""
    content: dict[str, Any] = yaml.safe_load((corpus / "entailment.yaml").read_text(encoding="utf-8"))
    rows = samples(corpus, places(corpus))
    weighed = Entailment.open(StoredVectors(BundledEmbedder()), corpus).weigh_retellings([pair for pair, _, _ in rows])
    kept = [
        (evidence, faithful, kind)
        for sentences, (_, faithful, kind) in zip(weighed, rows, strict=True)
        for evidence, clashes in sentences
        if not clashes
    ]
    weights = [1.0 if kind == "written" else 0.25 for _, _, kind in kept]
    model = fit([evidence for evidence, _, _ in kept], [int(faithful) for _, faithful, _ in kept], weights, _SIGNS)
    content["retelling"] = model.model_dump()
    content["retold_from"] = _RETOLD_FROM
    return content


def main() -> None:
    """Print entailment.yaml."""
    path = SHIPPED_CORPUS / "entailment.yaml"
    print("".join(line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.startswith("#")), end="")
    print(yaml.safe_dump(fitted(SHIPPED_CORPUS), allow_unicode=True, sort_keys=False, width=130, default_flow_style=None), end="")


if __name__ == "__main__":
    main()
