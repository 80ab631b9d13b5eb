"""Words on disk: BM25 over stems, one index a language.

A question is stemmed once for each language of the corpus, so that names, numbers and borrowed words find pages in
every language. Input: chunks. Output: a score between 0 and 1 for each chunk that shares a word with the question.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge.errors import SnapshotError
from knowledge.words import stems

# Lucene's variant and defaults for short texts (Kamphuis et al. 2020, "Which BM25 do you mean?").
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, kw_only=True)
class _LanguageIndex:
    ids: list[str]
    bm25: bm25s.BM25
    idf: dict[str, float]


class WordIndex:
    """BM25 over the stems of each language, read into memory."""

    def __init__(self, folder: Path) -> None:
        """Open what `build` wrote. Raises `SnapshotError` when it can't be read."""
        try:
            self._languages = {path.name: _open(path) for path in sorted(folder.iterdir()) if path.is_dir()}
        except (OSError, ValueError, KeyError) as error:
            message = f"The word index in {folder} can't be read ({error}). Run 'brand-assistant ingest' to build it again."
            raise SnapshotError(message) from error

    @staticmethod
    def build(folder: Path, texts: list[tuple[str, str, str]]) -> None:
        """Write an index over (id, language, text) triples."""
        by_language: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
        for name, language, text in texts:
            by_language[language].append((name, stems(text, language)))
        folder.mkdir()
        for language, rows in by_language.items():
            bm25 = bm25s.BM25(method="lucene", k1=_K1, b=_B)
            bm25.index([tokens or [""] for _, tokens in rows], show_progress=False)
            bm25.save(str(folder / language))
            counts: dict[str, int] = defaultdict(int)
            for _, tokens in rows:
                for token in set(tokens):
                    counts[token] += 1
            idf = {token: float(np.log(1 + (len(rows) - n + 0.5) / (n + 0.5))) for token, n in sorted(counts.items())}
            (folder / language / "ids.json").write_text(json.dumps([name for name, _ in rows]), encoding="utf-8")
            (folder / language / "idf.json").write_text(json.dumps(idf, ensure_ascii=False), encoding="utf-8")

    @property
    def languages(self) -> list[str]:
        """The languages there is text in, sorted."""
        return list(self._languages)

    def match(self, text: str, k: int) -> dict[str, float]:
        """Return the best `k` chunks of each language with the share of the question's word weight that they hold.

        The share is BM25 over the sum of the inverse document frequencies of the question's words: 1 means every word,
        often; a word that no text holds counts in full, so a question about something else scores low everywhere.
        """
        found: dict[str, float] = {}
        for language, index in self._languages.items():
            tokens = list(dict.fromkeys(stems(text, language)))
            unknown = float(np.log(1 + 2 * len(index.ids)))
            weight = sum(index.idf.get(token, unknown) for token in tokens)
            known = [token for token in tokens if token in index.idf]
            if not known:
                continue
            scores: NDArray[np.float32] = index.bm25.get_scores(known)
            best = np.argsort(-scores, kind="stable")[:k]
            found |= {index.ids[i]: min(1.0, float(scores[i]) / weight) for i in best if scores[i] > 0}
        return found


def _open(folder: Path) -> _LanguageIndex:
    return _LanguageIndex(
        ids=json.loads((folder / "ids.json").read_text(encoding="utf-8")),
        bm25=bm25s.BM25.load(str(folder)),
        idf=json.loads((folder / "idf.json").read_text(encoding="utf-8")),
    )
