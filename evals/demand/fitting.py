"""Fits the model that tells kinds of remarks apart: `python -m evals.demand.fitting`.

Input: `remark-training.jsonl` and the development half of `remarks.jsonl`; the test half is never read. Output:
`remark-kinds.npz`, and the model of features in `remark-topics/`. Settings are chosen by cross-validation on the development
half. `python -m evals.demand.fitting names` prints what to choose the weights of names by; it writes nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold

from assistant.settings import Settings
from evals.demand.bench import LabelledRemark, meaning_of, read_labelled
from evals.demand.features import FEATURE_MODEL, NO_FEATURE, FeatureReader, settled
from evals.demand.kinds import STORED, KindModel, Shares
from evals.demand.remark_lexicon import SETS, RemarkLexicon
from knowledge.embedding import Embedder, Vectors, make_embedder
from knowledge.embedding_cache import EmbeddingCache
from knowledge.ingest import LEXICON, PAGES
from knowledge.lexicon import Lexicon
from knowledge.loading import load
from knowledge.topics import Topics

_FOLDS = 5
_NAME_WEIGHTS, _NOTHING_WEIGHTS = (0.1, 0.2, 0.3, 0.4, 0.6), (0.0, 0.1, 0.15, 0.2, 0.25, 0.3)
_TRIED = [
    Shares(vector=vector, cues=cues, words=words, penalty=penalty)
    for vector in (2.0, 4.0)
    for cues in (0.3, 0.7)
    for words in (0.5, 1.0)
    for penalty in (3.0, 10.0)
]


def training_texts() -> tuple[list[str], list[str]]:
    """Return the texts and kinds of the training remarks, which no figure is measured on."""
    lines = (SETS / "remark-training.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [row["text"] for row in rows], [row["kind"] for row in rows]


def feature_examples(corpus: Path, development: list[LabelledRemark]) -> dict[str, list[str]]:
    """Return texts by feature, "none" for remarks about no feature: labelled remarks and the pages' own questions."""
    found: dict[str, list[str]] = {}
    for remark in development:
        found.setdefault(meaning_of(remark.feature) if remark.feature else NO_FEATURE, []).append(remark.text)
    for line in (SETS / "remark-training.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if label := row.get("feature"):
            found.setdefault(NO_FEATURE if label == NO_FEATURE else meaning_of(label), []).append(row["text"])
    for document in load(corpus / PAGES, Lexicon.read(corpus / LEXICON), root_name=PAGES).documents:
        if document.front.kind == "tutorial" and document.front.features:
            texts = found.setdefault(document.front.features[0], [])
            asked = [*document.front.questions, *(text for rows in document.asks.values() for text in rows)]
            texts += [text for text in asked if text not in texts]
    return found


def choose(
    texts: list[str], kinds: list[str], vectors: Vectors, development: list[LabelledRemark], dev_vectors: Vectors, embedder: str
) -> Shares:
    """Return the shares that get most development remarks right, each by a model that has not seen it."""
    dev_texts, dev_kinds = [remark.text for remark in development], np.array([remark.kind for remark in development])
    scores: dict[Shares, float] = {}
    for shares in _TRIED:
        right = 0
        for train, held in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(dev_texts, dev_kinds):
            model = KindModel.train(
                [*texts, *(dev_texts[place] for place in train)],
                [*kinds, *dev_kinds[train]],
                np.vstack([vectors, dev_vectors[train]]),
                embedder=embedder,
                shares=shares,
            )
            guess = model.probabilities([dev_texts[place] for place in held], dev_vectors[held]).argmax(axis=1)
            right += sum(model.labels[number] == kind for number, kind in zip(guess, dev_kinds[held], strict=True))
        scores[shares] = right / len(dev_texts)
        print(f"{shares}: {scores[shares]:.3f}", file=sys.stderr)
    return max(scores, key=lambda shares: scores[shares])


def weigh_names(settings: Settings, cache: EmbeddingCache) -> dict[tuple[float, float], float]:
    """Return the share of labelled training remarks with the right feature, by weight of a name and of nothing.

    Each is scored by a model that has not seen it; those about nothing count as often as in the development half.
    """
    rows = [json.loads(line) for line in (SETS / "remark-training.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row.get("feature")]
    labels = np.array([NO_FEATURE if row["feature"] == NO_FEATURE else meaning_of(row["feature"]) for row in rows])
    texts = np.array([row["text"] for row in rows])
    examples = feature_examples(settings.corpus, [])
    reader = FeatureReader(Lexicon.read(settings.corpus / LEXICON), RemarkLexicon.read())
    named = [reader.find(row["text"], row["language"]) for row in rows]
    scores: list[dict[str, float]] = [{} for _ in rows]
    for _, held in KFold(_FOLDS, shuffle=True, random_state=0).split(texts):
        unseen = set(texts[held])
        seen = {feature: [text for text in own if text not in unseen] for feature, own in examples.items()}
        model = Topics.train(seen, cache.embed_passages([text for own in seen.values() for text in own]))
        assert model is not None  # noqa: S101  there are dozens of features
        for place, row in zip(held, model.table([*texts[held]], cache.embed_passages([*texts[held]])), strict=True):
            scores[place] = dict(zip(model.pages, row.tolist(), strict=True))
    development = [remark for remark in read_labelled() if remark.half == "development"]
    share = sum(remark.feature is None for remark in development) / len(development)
    about_nothing = labels == NO_FEATURE
    found: dict[tuple[float, float], float] = {}
    for name in _NAME_WEIGHTS:
        for nothing in _NOTHING_WEIGHTS:
            settle = [settled(*pair, name=name, nothing=nothing) or NO_FEATURE for pair in zip(named, scores, strict=True)]
            right = np.array(settle) == labels
            found[name, nothing] = float((1 - share) * right[~about_nothing].mean() + share * right[about_nothing].mean())
    return found


def main(*, with_development: bool) -> None:
    """Fit and write the model; without the development half for the very first, blind figures."""
    settings, embedder, cache = _opened()
    texts, kinds = training_texts()
    vectors = cache.embed_passages(texts)
    shares = Shares()
    development: list[LabelledRemark] = []
    if with_development:
        development = [remark for remark in read_labelled() if remark.half == "development"]
        dev_vectors = cache.embed_passages([remark.text for remark in development])
        shares = choose(texts, kinds, vectors, development, dev_vectors, embedder.fingerprint)
        texts += [remark.text for remark in development]
        kinds += [remark.kind for remark in development]
        vectors = np.vstack([vectors, dev_vectors])
    KindModel.train(texts, kinds, vectors, embedder=embedder.fingerprint, shares=shares).write(STORED)
    print(f"{STORED.name}: {len(texts)} remarks, {shares}")
    examples = feature_examples(settings.corpus, development)
    topics = Topics.train(examples, cache.embed_passages([text for rows in examples.values() for text in rows]))
    assert topics is not None  # noqa: S101  there are dozens of features
    FEATURE_MODEL.mkdir(exist_ok=True)
    topics.write(FEATURE_MODEL)
    print(f"{FEATURE_MODEL.name}: {sum(map(len, examples.values()))} texts on {len(examples)} features")


def _opened() -> tuple[Settings, Embedder, EmbeddingCache]:
    settings = Settings.read()
    embedder = make_embedder(settings)
    return settings, embedder, EmbeddingCache(embedder, path=settings.home / "cache" / "vectors.sqlite")


if __name__ == "__main__":
    if "names" in sys.argv:
        settings, _, cache = _opened()
        for (name, nothing), share in weigh_names(settings, cache).items():
            print(f"name {name:<4} nothing {nothing:<5} {share:.4f}")
    else:
        main(with_development="--without-development" not in sys.argv)
