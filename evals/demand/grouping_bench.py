"""Measures grouping by aspect on review sentences whose topic is known, beside two stock recipes.

Input: a folder with `sentences.jsonl` {id, topic, car, text}; only the car topics count, and the aspect is the topic without the
car's name. Output: V-measure (Rosenberg & Hirschberg 2007) of the product's grouping; of k-means on the embeddings, given the
true number of aspects and once with the number its silhouette chooses; and of the steps of BERTopic (reduce, HDBSCAN;
Grootendorst 2022), with PCA in the place of UMAP, which is no dependency of this product; its best setting of six is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score, v_measure_score

from evals.demand.grouping import group
from evals.demand.review import DemandError
from knowledge.embedding import Vectors

_CAR = re.compile(r"_[a-z]+_[a-z0-9-]+_\d{4}$")
_SEEDS = range(5)
_ALL_NOISE = -1


def bench_grouping(folder: Path, embed: Callable[[list[str]], Vectors]) -> dict[str, Any]:
    """Return the figures for the set in `folder`. Raises `DemandError` when it is not there or holds no car topics."""
    path = folder / "sentences.jsonl"
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        rows = [row for row in rows if row["car"]]
    except (OSError, ValueError, KeyError) as error:
        message = f"{path} can't be read ({error}). It needs lines of {{id, topic, car, text}}."
        raise DemandError(message) from error
    aspects = [_CAR.sub("", row["topic"]) for row in rows]
    if len(set(aspects)) < 2:  # noqa: PLR2004
        message = f"{path} holds {len(set(aspects))} aspects of cars; grouping needs two at least."
        raise DemandError(message)
    texts = [row["text"] for row in rows]
    vectors = embed(texts)
    true = len(set(aspects))
    ours = group(texts, ["en"] * len(texts), vectors)
    told = [v_measure_score(aspects, KMeans(true, n_init=10, random_state=seed).fit_predict(vectors)) for seed in _SEEDS]
    return {
        "sentences": len(texts),
        "aspects": true,
        "product": round(float(v_measure_score(aspects, ours)), 4),
        "product groups": len(set(ours.tolist())),
        "k-means on embeddings, number told, mean of 5": round(float(np.mean(told)), 4),
        "k-means on embeddings, number chosen": round(float(v_measure_score(aspects, _chosen(vectors))), 4),
        "BERTopic's steps with PCA, best of 6": round(max(_density(vectors, aspects)), 4),
    }


def _chosen(vectors: Vectors) -> Any:
    tried = [KMeans(number, n_init=10, random_state=0).fit_predict(vectors) for number in range(2, 13)]
    return max(tried, key=lambda labels: silhouette_score(vectors, labels))


def _density(vectors: Vectors, aspects: list[str]) -> list[float]:
    """Return the V-measure of each setting; a sentence that HDBSCAN calls noise goes to the nearest group, as BERTopic offers."""
    scores = []
    for directions in (5, 10):
        reduced = PCA(directions, random_state=0).fit_transform(vectors)
        for smallest in (5, 10, 15):
            labels = HDBSCAN(min_cluster_size=smallest, copy=True).fit_predict(reduced)
            real = sorted(set(labels.tolist()) - {_ALL_NOISE})
            if real:
                centres = np.array([reduced[labels == number].mean(axis=0) for number in real])
                nearest = np.array(real)[((reduced[:, None, :] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)]
                labels = np.where(labels == _ALL_NOISE, nearest, labels)
            scores.append(float(v_measure_score(aspects, labels)))
    return scores
