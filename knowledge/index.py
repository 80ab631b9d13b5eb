"""The index of one audience: its chunks, their vectors and their words, in one folder.

Input: documents and an embedding function. Output: a folder that `Index` opens again. Ranking is `retrieval.py`'s job,
keeping folders apart, whole and replaceable is `snapshots.py`'s.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from pydantic import TypeAdapter

from knowledge.centres import PASSAGES, QUESTIONS, Centres
from knowledge.document import WHOLE_PAGE, Document
from knowledge.embedding import Vectors
from knowledge.errors import SnapshotError
from knowledge.learnt import Model, learn_into
from knowledge.splitting import Chunk, split
from knowledge.topics import Topics
from knowledge.vector_store import VectorStore
from knowledge.word_index import WordIndex

_CHUNKS, _QUESTIONS, _SILENT, _VECTORS, _WORDS = "chunks.jsonl", "questions.json", "silent.npy", "vectors", "words"
QUESTION_MARK = "?"
_LEAST_COMPARED = 0.1  # of a question of which next to nothing is left, nothing is near
_SILENT_OF = 3  # questions without an answer that say how near a question is to them: one alone may be near by chance
_CHUNK_LIST = TypeAdapter(list[Chunk])  # all at once is twice as quick as one by one


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One vector to make: a chunk, or one of the questions a page answers (`<document key>?<section>:<n>`)."""

    id: str
    text: str

    @property
    def asks(self) -> bool:
        """Whether it is a question, not a passage."""
        return QUESTION_MARK in self.id


def entries_of(document: Document) -> list[Entry]:
    """Return what is embedded of `document`: its chunks, its questions, and how else people ask for it."""
    asked = [(WHOLE_PAGE, question) for question in document.front.questions]
    asked += [(section, question) for section, questions in document.asks.items() for question in questions]
    return [
        *(Entry(id=chunk.id, text=chunk.passage) for chunk in split(document)),
        *(
            Entry(id=f"{document.key}{QUESTION_MARK}{section}:{number}", text=question)
            for number, (section, question) in enumerate(asked, start=1)
        ),
    ]


class StoreVectors(Protocol):
    """What has a vector store written; see `VectorStore.build`."""

    def __call__(self, folder: Path, ids: list[str], vectors: Vectors, *, base: Path | None = None) -> None:
        """Write the store, now or beside what goes on here."""


class Index:
    """Chunks of one audience with their vectors and words, and the questions that each page (by key) says it answers.

    Reading is safe from several threads.
    """

    def __init__(self, folder: Path) -> None:
        """Open a private copy of what `build` wrote. Raises `SnapshotError`."""
        try:
            lines = [line for line in (folder / _CHUNKS).read_text(encoding="utf-8").split("\n") if line]
            self.chunks = {chunk.id: chunk for chunk in _CHUNK_LIST.validate_json(f"[{','.join(lines)}]")}
            self.questions: dict[str, list[str]] = json.loads((folder / _QUESTIONS).read_text(encoding="utf-8"))
            self._silent = np.load(folder / _SILENT, allow_pickle=False).astype(np.float32)
        except (OSError, EOFError, ValueError) as error:
            message = f"The chunks in {folder} can't be read ({error}). Run 'brand-assistant ingest' to build them again."
            raise SnapshotError(message) from error
        self.words = WordIndex(folder / _WORDS)
        self.vectors = VectorStore(folder / _VECTORS)
        self.topics = Topics.read(folder)
        self._centres = Centres.read(folder)

    @staticmethod
    def build(
        folder: Path,
        documents: list[Document],
        embed: Callable[[list[str]], Vectors],
        *,
        silent: Sequence[str] = (),
        base: Path | None = None,
        store: StoreVectors = VectorStore.build,
    ) -> list[str]:
        """Write an index over `documents` into the new folder `folder`; return the ids of all its entries.

        `silent` are questions that none of them answers.
        `base` is the folder of an index over some of them: its vectors are taken over, centred as they are, and only those
        that it lacks are added. `store` builds the vectors, or has them built.
        """
        folder.mkdir(parents=True)
        chunks = [chunk for document in documents for chunk in split(document)]
        entries = [entry for document in documents for entry in entries_of(document)]
        with (folder / _CHUNKS).open("w", encoding="utf-8") as file:
            file.writelines(chunk.model_dump_json() + "\n" for chunk in chunks)
        questions = {document.key: list(document.front.questions) for document in documents}
        (folder / _QUESTIONS).write_text(json.dumps(questions, ensure_ascii=False), encoding="utf-8")
        vectors, asks = embed([entry.text for entry in entries]), np.array([entry.asks for entry in entries], dtype=bool)
        if base:
            shutil.copyfile(base / Centres.stored, folder / Centres.stored)
        else:
            _learn(folder, Centres, texts_by_kind(entries), vectors)
        centres = Centres.read(folder)
        centred = np.empty_like(vectors)
        centred[asks], centred[~asks] = centres.known_question(vectors[asks]), centres.passage(vectors[~asks])
        ids = [entry.id for entry in entries]
        store(folder / _VECTORS, ids, centred, base=base / _VECTORS if base else None)
        np.save(folder / _SILENT, centres.known_question(embed(list(silent))).astype(np.float16) if silent else np.zeros((0, 1)))
        WordIndex.build(folder / _WORDS, [(chunk.id, chunk.language, chunk.passage) for chunk in chunks])
        _learn(folder, Topics, questions_by_page(entries), vectors)
        return ids

    def nearest(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Return up to `k` (entry id, nearness) pairs for a question's vector, nearest first; nearness is from 0 to 1."""
        question = self._centres.question(vector)
        # Stored questions lack what is shared; by the length of the rest a product becomes a cosine.
        compared = max(self._centres.share_compared(question), _LEAST_COMPARED)
        near = [
            (name, cosine / compared if QUESTION_MARK in name else cosine) for name, cosine in self.vectors.nearest(question, k)
        ]
        near.sort(key=lambda pair: -pair[1])
        return [(name, self._nearness(cosine)) for name, cosine in near]

    def silence(self, vector: Vectors, *, but_itself: bool = False) -> float:
        """Return how near a question is to those that no page answers, from 0 to 1; 0 without such.

        `but_itself`: it is one of them, and is not to count.
        """
        if len(self._silent) <= but_itself:
            return 0.0
        nearest = np.sort(self._silent @ self._centres.known_question(vector))[::-1][int(but_itself) :][:_SILENT_OF]
        return self._nearness(float(nearest.mean()))

    def _nearness(self, cosine: float) -> float:
        low, high = self._centres.range
        return min(1.0, max(0.0, (cosine - low) / (high - low)))

    def close(self) -> None:
        """Let go of the files."""
        self.vectors.close()


def page_asked(name: str) -> str | None:
    """Return the page whose question an entry is, or None for a passage."""
    key, mark, _ = name.partition(QUESTION_MARK)
    return key.rpartition(".")[0] if mark else None


def section_asked(name: str) -> tuple[str, str] | None:
    """Return the page and the section whose question an entry is; None for a passage and for a question to the whole page."""
    key, _, asked = name.partition(QUESTION_MARK)
    section = asked.rpartition(":")[0]
    return None if section in ("", WHOLE_PAGE) else (key.rpartition(".")[0], section)


def questions_by_page(entries: list[Entry]) -> dict[str, dict[str, int]]:
    """Return the questions of each page, whatever their language, each with its entry's place; both in order."""
    asked: dict[str, dict[str, int]] = {}
    for place, entry in enumerate(entries):
        if page := page_asked(entry.id):
            asked.setdefault(page, {}).setdefault(entry.text, place)
    return {page: dict(sorted(places.items())) for page, places in sorted(asked.items())}


def texts_by_kind(entries: list[Entry]) -> dict[str, dict[str, int]]:
    """Return what is asked and what is told, each text with its entry's place, in order."""
    return {
        kind: dict(sorted((entry.text, place) for place, entry in enumerate(entries) if entry.asks == asks))
        for kind, asks in ((QUESTIONS, True), (PASSAGES, False))
    }


def _learn(folder: Path, kind: type[Model], places: dict[str, dict[str, int]], vectors: Vectors) -> None:
    """Put what is learnt from texts by label into `folder`; `places` are those of their vectors."""
    rows = [place for texts in places.values() for place in texts.values()]
    learn_into(folder, kind, {label: list(texts) for label, texts in places.items()}, vectors[rows])
