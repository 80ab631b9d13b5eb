"""`bench retrieval`: how well and how fast passages are found on any labelled set, by vectors, by words, and by the product.

Input: a folder with `corpus.jsonl` {id, text, title?} and `queries.jsonl` {id, query, relevant: [ids]}; other keys are
ignored. Output: nDCG@10, Recall@10, MRR@10 (ir-measures), speed of asking and of indexing, for `dense`, `bm25`, `fusion` and
`hybrid`.

The passages become pages of an ordinary index: `hybrid` is the product's own `Retriever`, with shipped or given weights and
without its lexicon of car features, which other sets have no use for. A title is a question that its page answers, as in
the product, where most passages have one to themselves. `dense` and `bm25` are the two halves of that index on their own;
`fusion` is their reciprocal rank fusion (Cormack et al. 2009), which stock pipelines offer.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.document import Claims, Document, FrontMatter, Role, Section, Source
from knowledge.embedding import Embedder, Vectors, make_embedder
from knowledge.embedding_cache import EmbeddingCache
from knowledge.errors import BrandAssistantError
from knowledge.index import QUESTION_MARK, Index
from knowledge.language import identify
from knowledge.retrieval import Query, Retriever, Weights
from knowledge.search import RETRIEVAL
from knowledge.settings import SHIPPED_CORPUS, KnowledgeSettings

_DEPTH = 10
_MEASURES = {nDCG @ _DEPTH: "ndcg_at_10", R @ _DEPTH: "recall_at_10", RR @ _DEPTH: "mrr_at_10"}
_RANK_CONSTANT = 60  # of reciprocal rank fusion, as published
_CANDIDATES = 200  # entries fetched for ten passages: several may belong to one
_SPOKEN = 40  # texts that tell a set's language
_UNTITLED = "…"
_NO_TITLE = f"{_UNTITLED} — {_UNTITLED}\n"  # how the passage of such a page begins
_TODAY = datetime.now(UTC).date()

Ranking = Callable[[str, Vectors], list[str]]
Row = TypeVar("Row", bound=BaseModel)


class RetrievalSetError(BrandAssistantError):
    """A set of passages and queries that can't be used: names the file and line."""


class BenchPassage(BaseModel):
    """One passage of a set."""

    model_config = ConfigDict(frozen=True)

    id: str
    text: str = Field(min_length=1)
    title: str | None = None


class BenchQuery(BaseModel):
    """One query with the ids of the passages that answer it."""

    model_config = ConfigDict(frozen=True)

    id: str
    query: str = Field(min_length=1)
    relevant: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class RetrievalSet:
    """A folder's passages and queries, and the language that most of its texts are in."""

    name: str
    language: str
    passages: tuple[BenchPassage, ...]
    queries: tuple[BenchQuery, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """How one way of searching did. Times are of searching alone, plus `embed_ms` where the question's vector is used."""

    ndcg_at_10: float
    recall_at_10: float
    mrr_at_10: float
    ms_per_query: float
    queries_per_second: float


def read_retrieval_set(folder: Path) -> RetrievalSet:
    """Return the set in `folder`. Raises `RetrievalSetError`: unreadable file, wrong line, unknown or repeated id."""
    passages = tuple(_rows(folder / "corpus.jsonl", BenchPassage))
    queries = tuple(_rows(folder / "queries.jsonl", BenchQuery))
    known = {passage.id for passage in passages}
    if len(known) != len(passages):
        message = f"{folder / 'corpus.jsonl'}: an id stands on two lines. Give every passage its own."
        raise RetrievalSetError(message)
    for query in queries:
        missing = sorted(set(query.relevant) - known)
        if missing:
            message = f"{folder / 'queries.jsonl'}: query {query.id!r} names passage {missing[0]!r}, which corpus.jsonl lacks."
            raise RetrievalSetError(message)
    text = " ".join(query.query for query in queries[:_SPOKEN])
    return RetrievalSet(name=folder.resolve().name, language=identify(text), passages=passages, queries=queries)


def _rows(path: Path, kind: type[Row]) -> Iterator[Row]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} can't be read ({error}). A set is a folder with corpus.jsonl and queries.jsonl."
        raise RetrievalSetError(message) from error
    rows = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield kind.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            message = f"{path}:{number}: {'.'.join(map(str, first['loc'])) or 'line'}: {first['msg']}. Correct the line."
            raise RetrievalSetError(message) from error
        rows += 1
    if not rows:
        message = f"{path} is empty. Write one JSON object on each line."
        raise RetrievalSetError(message)


@dataclass(frozen=True, kw_only=True)
class Indexed:
    """A set's open index, the passage id of each of its pages, and passages indexed a second (None when vectors were kept)."""

    index: Index
    names: dict[str, str]
    passages_per_second: float | None


@contextmanager
def indexed(labelled: RetrievalSet, embedder: Embedder, *, vectors: Path | None = None) -> Iterator[Indexed]:
    """Build the set's index in a scratch folder and lend it. `vectors`: a file that keeps vectors between runs."""
    asked = _titles_ask(labelled.passages)
    documents = [_document(number, passage, labelled.language, asked=asked) for number, passage in enumerate(labelled.passages)]
    names = {document.front.id: passage.id for document, passage in zip(documents, labelled.passages, strict=True)}
    titles = {question for document in documents for question in document.front.questions}
    with tempfile.TemporaryDirectory() as scratch:
        cache = EmbeddingCache(embedder, path=vectors or Path(scratch) / "vectors.sqlite")
        entries = 0

        def embed(texts: list[str]) -> Vectors:
            nonlocal entries
            entries = len(set(texts))
            asks = [text for text in texts if text in titles]
            made = dict(zip(asks, cache.embed_questions(asks), strict=True))
            told = [text for text in texts if text not in titles]
            bare = [text.removeprefix(_NO_TITLE) for text in told]  # marks in place of a title say nothing
            made |= zip(told, cache.embed_passages(bare), strict=True)
            return np.array([made[text] for text in texts], dtype=np.float32)

        start = time.perf_counter()
        Index.build(Path(scratch) / "index", documents, embed)
        seconds = time.perf_counter() - start
        index = Index(Path(scratch) / "index")
        try:
            fresh = cache.embedded == entries
            yield Indexed(index=index, names=names, passages_per_second=len(documents) / seconds if fresh else None)
        finally:
            index.close()


def _title(passage: BenchPassage) -> str:
    return " ".join((passage.title or "").split())


def _titles_ask(passages: Sequence[BenchPassage]) -> bool:
    """Say whether most passages have a title to themselves; titles that many share name subjects and ask for no passage."""
    counts = Counter(_title(passage) for passage in passages)
    return sum(count for title, count in counts.items() if title and count == 1) > len(passages) / 2


def _document(number: int, passage: BenchPassage, language: str, *, asked: bool) -> Document:
    title = _title(passage)
    claims = Claims(status="fact", as_of=_TODAY.year)
    source = Source(label="benchmark")
    front = FrontMatter(
        id=f"passage-{number}", kind="faq", title=title or _UNTITLED, language=language, audience="customer", markets=("*",),
        vehicles=(), features=(), claims=claims, sources=(source,), reviewed=_TODAY,
        questions=(title,) if title and asked else (),
    )  # fmt: skip
    section = Section(
        id="text", heading=title or _UNTITLED, role=Role.QUESTION, claims=claims, sources=(source,), text=passage.text
    )  # fmt: skip
    return Document(front=front, sections=(section,))


def rankings(made: Indexed, language: str, weights: Weights) -> dict[str, Ranking]:
    """Return the ways of searching; each gives passage ids, best first, for a query and its vector."""
    index, names = made.index, made.names
    retriever = Retriever(index, weights)

    def dense(_: str, vector: Vectors) -> list[str]:
        near = (name for name, _ in index.nearest(vector, _CANDIDATES) if QUESTION_MARK not in name)
        return _distinct(names[index.chunks[name].document_id] for name in near)

    def bm25(text: str, _: Vectors) -> list[str]:
        found = index.words.match(text, _CANDIDATES)
        return _distinct(names[index.chunks[name].document_id] for name in sorted(found, key=lambda name: -found[name]))

    def hybrid(text: str, vector: Vectors) -> list[str]:
        found = retriever.retrieve(Query(text=text, vector=vector, languages=(language,)), _CANDIDATES)
        return _distinct(names[item.chunk.document_id] for item in found)

    def fusion(text: str, vector: Vectors) -> list[str]:
        places: Counter[str] = Counter()
        for names in (dense(text, vector), bm25(text, vector)):
            places.update({name: 1 / (_RANK_CONSTANT + rank) for rank, name in enumerate(names, start=1)})
        return [name for name, _ in places.most_common()]

    return {"dense": dense, "bm25": bm25, "fusion": fusion, "hybrid": hybrid}


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def measure_ranking(queries: Sequence[BenchQuery], vectors: Vectors, search: Ranking) -> Found:
    """Ask every query once and score the rankings: nDCG after Järvelin and Kekäläinen 2002, computed by ir-measures.

    `vectors` holds a row for each query; the time of making it is not counted.
    """
    run: list[ir_measures.ScoredDoc] = []
    start = time.perf_counter()
    answers = [search(query.query, vector) for query, vector in zip(queries, vectors, strict=True)]
    seconds = time.perf_counter() - start
    wanted = [ir_measures.Qrel(query.id, name, 1) for query in queries for name in query.relevant]
    for query, names in zip(queries, answers, strict=True):
        run += [ir_measures.ScoredDoc(query.id, name, float(-place)) for place, name in enumerate(names[:_DEPTH])]
    values = {str(measure): float(value) for measure, value in ir_measures.calc_aggregate([*_MEASURES], wanted, run).items()}
    return Found(
        **{name: round(values[str(measure)], 4) for measure, name in _MEASURES.items()},
        ms_per_query=round(1000 * seconds / len(queries), 2),
        queries_per_second=round(len(queries) / seconds, 1),
    )


def measure_retrieval(
    labelled: RetrievalSet, embedder: Embedder, weights: Weights, *, vectors: Path | None = None
) -> dict[str, Any]:
    """Return sizes, speeds and the figures of each way of searching; `vectors` as in `indexed`."""
    with indexed(labelled, embedder, vectors=vectors) as made:
        start = time.perf_counter()
        asked = embedder.embed_questions([query.query for query in labelled.queries])
        embedding = 1000 * (time.perf_counter() - start) / len(labelled.queries)
        found = {
            name: asdict(measure_ranking(labelled.queries, asked, search))
            for name, search in rankings(made, labelled.language, weights).items()
        }
    speed = made.passages_per_second
    return {
        "set": labelled.name,
        "language": labelled.language,
        "passages": len(labelled.passages),
        "queries": len(labelled.queries),
        "passages_indexed_per_second": round(speed, 2) if speed else None,
        "embed_ms_per_query": round(embedding, 2),
        "systems": found,
    }


def run_retrieval(folder: Path, as_json: bool, *, vectors: Path | None = None) -> None:
    """Print the figures for a folder, with the shipped weights. Raises `RetrievalSetError`, `EmbedderError`."""
    labelled = read_retrieval_set(folder)
    weights = Weights.read(SHIPPED_CORPUS / RETRIEVAL)
    result = measure_retrieval(labelled, make_embedder(KnowledgeSettings.read()), weights, vectors=vectors)
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    speed = result["passages_indexed_per_second"]
    print(
        f"{result['set']}: {result['queries']} queries ({result['language']}), {result['passages']} passages, "
        f"{f'{speed} indexed/s' if speed else 'kept vectors'}, {result['embed_ms_per_query']} ms to embed a query"
    )
    columns = ("ndcg_at_10", "recall_at_10", "mrr_at_10", "queries_per_second", "ms_per_query")
    print(f"{'':<8}" + "".join(f"{column:>20}" for column in columns))
    for name, row in result["systems"].items():
        print(f"{name:<8}" + "".join(f"{row[column]:>20}" for column in columns))
