"""Measuring retrieval on any labelled set."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evals.retrieval_bench import (
    BenchPassage,
    BenchQuery,
    RetrievalSet,
    RetrievalSetError,
    indexed,
    measure_ranking,
    measure_retrieval,
    read_retrieval_set,
)
from knowledge.embedding import FakeEmbedder
from knowledge.retrieval import Weights
from knowledge.search import RETRIEVAL
from knowledge.settings import SHIPPED_CORPUS

_PASSAGES = [
    {
        "id": "tyres",
        "title": "How often should tyres be checked?",
        "text": "Check the pressure of cold tyres every month.",
        "theme": "x",
    },
    {"id": "brakes", "text": "Brake fluid absorbs water from the air and is replaced every two years."},
    {"id": "wipers", "text": "Wiper blades harden in the sun. Replace them when they smear the windscreen."},
]
_QUERIES = [
    {"id": "q1", "query": "how often are tyres checked for pressure", "relevant": ["tyres"]},
    {"id": "q2", "query": "why is brake fluid replaced", "relevant": ["brakes"], "answers": ["water"]},
]


def _folder(path: Path, passages: list[dict[str, object]], queries: list[dict[str, object]]) -> Path:
    for name, rows in (("corpus", passages), ("queries", queries)):
        (path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_all_ways_of_searching_find_what_shares_its_words(tmp_path: Path) -> None:
    labelled = read_retrieval_set(_folder(tmp_path, _PASSAGES, _QUERIES))

    result = measure_retrieval(labelled, FakeEmbedder(), Weights.read(SHIPPED_CORPUS / RETRIEVAL))

    found = {name: row["ndcg_at_10"] for name, row in result["systems"].items()}
    assert found == dict.fromkeys(("dense", "bm25", "fusion", "hybrid"), 1.0)
    assert result["language"] == "en"
    assert result["passages_indexed_per_second"] > 0


def test_the_speed_of_indexing_is_not_told_when_vectors_were_kept(tmp_path: Path) -> None:
    labelled = read_retrieval_set(_folder(tmp_path, _PASSAGES, _QUERIES))
    weights = Weights.read(SHIPPED_CORPUS / RETRIEVAL)

    first = measure_retrieval(labelled, FakeEmbedder(), weights, vectors=tmp_path / "kept.sqlite")
    second = measure_retrieval(labelled, FakeEmbedder(), weights, vectors=tmp_path / "kept.sqlite")

    assert first["passages_indexed_per_second"] is not None
    assert second["passages_indexed_per_second"] is None
    assert first["systems"]["hybrid"]["ndcg_at_10"] == second["systems"]["hybrid"]["ndcg_at_10"]


def test_a_right_passage_in_second_place_scores_as_the_definitions_say() -> None:
    query = BenchQuery(id="q", query="x", relevant=("right",))

    found = measure_ranking([query], np.zeros((1, 4), dtype=np.float32), lambda *_: ["wrong", "right"])

    assert (found.ndcg_at_10, found.recall_at_10, found.mrr_at_10) == (0.6309, 1.0, 0.5)


def test_a_query_that_finds_nothing_counts_as_zero() -> None:
    queries = [BenchQuery(id=name, query="x", relevant=("right",)) for name in "ab"]
    answers = iter([["right"], []])

    found = measure_ranking(queries, np.zeros((2, 4), dtype=np.float32), lambda *_: next(answers))

    assert (found.ndcg_at_10, found.mrr_at_10) == (0.5, 0.5)


def test_wrong_sets_are_refused_with_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(RetrievalSetError, match=r"corpus\.jsonl"):
        read_retrieval_set(tmp_path)
    _folder(tmp_path, [*_PASSAGES, {"id": "bare"}], _QUERIES)
    with pytest.raises(RetrievalSetError, match=r"corpus\.jsonl:4: text"):
        read_retrieval_set(tmp_path)
    _folder(tmp_path, [*_PASSAGES, _PASSAGES[0]], _QUERIES)
    with pytest.raises(RetrievalSetError, match="two lines"):
        read_retrieval_set(tmp_path)
    _folder(tmp_path, _PASSAGES, [{"id": "q", "query": "x", "relevant": ["nowhere"]}])
    with pytest.raises(RetrievalSetError, match="nowhere"):
        read_retrieval_set(tmp_path)


def test_titles_that_passages_share_ask_for_none_of_them() -> None:
    def asking(titles: list[str]) -> dict[str, list[str]]:
        passages = tuple(BenchPassage(id=str(n), title=title, text=f"Text {n}.") for n, title in enumerate(titles))
        queries = (BenchQuery(id="q", query="Text 1", relevant=("1",)),)
        with indexed(RetrievalSet(name="set", language="en", passages=passages, queries=queries), FakeEmbedder()) as made:
            return made.index.questions

    assert [*asking(["Sport", "Sport", "Sport"]).values()] == [[], [], []]
    assert ["Why?"] in asking(["What is it?", "Who is it?", "Who is it?", "Why?", "When?"]).values()
