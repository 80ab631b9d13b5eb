"""What the model is trained on: pairs of grounds and claim, labelled.

Of others, read from clones of their repositories: SNLI's development and test sets (in e-SNLI; Bowman et al. 2015, CC BY-SA 4.0),
LingNLI (Parrish et al. 2021, no licence named), ConjNLI (Saha et al. 2020, MIT), counterfactual SNLI (Kaushik et al. 2020,
Apache 2.0), FeverSymmetric (Schuster et al. 2019, MIT), VitaminC's revised pages (Schuster et al. 2021, CC BY-SA 3.0), RTE3-FR
(Skandalis et al. 2023, BSD). Ours: `sets/inference-training.jsonl` (sentences of the pages said in other words and said wrong,
written blind), `sets/inference-general.jsonl` (general French), with machine mutations, and `sets/inference-questions.jsonl`
(questions with passages that answer them and passages that do not: how people ask for each section, and questions of which
nothing is known, beside what retrieval finds for them). No sentence of the sets that measure the check was retold for it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from assistant.entailment.inference import CONTRADICTED, ENTAILED, NEUTRAL, headed
from evals.entailment_fitting import faithful, parallel
from evals.mutations import Place, mutate, places
from evals.questions import SETS
from knowledge.ingest import LEXICON
from knowledge.lexicon import Lexicon
from knowledge.sentences import sentences
from knowledge.settings import SHIPPED_CORPUS
from knowledge.splitting import Chunk

NOT_ENTAILED = 3  # neutral or contradicted, nobody said which
Language = Literal["fr", "en"]
_LABELS = {
    "entailment": ENTAILED, "neutral": NEUTRAL, "contradiction": CONTRADICTED,
    "SUPPORTS": ENTAILED, "NOT ENOUGH INFO": NEUTRAL, "REFUTES": CONTRADICTED,
}  # fmt: skip
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", " .": ".", " ,": ",", " 's": "'s", "( ": "(", " )": ")"}
_HELD_OUT = 26  # of 256: what is scored while training
_MUTATIONS, _SEED = 100, 11
_MOST_WORDS = 90  # of a passage that is read whole
_AROUND, _DISTRACTED, _FOREIGN = 2, 0.3, 0.35
_SOFT = ("different fact", "other fact", "autre fait", "added", "ajout", "invent")


@dataclass(frozen=True, kw_only=True)
class Example:
    """A claim beside its grounds. `held_out` ones are scored, never learnt."""

    set: str
    grounds: str
    claim: str
    label: int
    held_out: bool = False


def of_others(folder: Path) -> list[Example]:
    """Return the pairs of the public sets, each repository a folder of its own name in `folder`."""
    found = chain(
        _snli(folder / "e-SNLI" / "dataset" / "eSNLI"), _lingnli(folder / "ling_in_loop" / "NLI_data"),
        _conjnli(folder / "ConjNLI" / "data" / "NLI"), _counterfactual(folder / "counterfactually-augmented-data" / "NLI"),
        _fever(folder / "FeverSymmetric" / "symmetric_v0.2"), _vitaminc(folder / "talschuster.github.io" / "static"),
        _rte3(folder / "rte3-french"),
    )  # fmt: skip
    return [
        Example(set=name, grounds=grounds, claim=claim, label=_LABELS[label], held_out=_byte(grounds) < _HELD_OUT // 3)
        for name, grounds, claim, label in found
        if label in _LABELS and grounds.strip() and claim.strip()
    ]


def held_out() -> Iterator[tuple[Language, str, str, bool]]:
    """Yield language, sentence of a page, claim, and whether it is faithful, for those that the model has not learnt from.

    As many are faithful as not: how many were written of each says nothing of what a model writes.
    """
    for row in map(json.loads, _lines(SETS / "inference-training.jsonl")):
        if _is_held_out(row):
            for faithful, wrong in zip(row["faithful"], row["wrong"], strict=False):
                yield row["language"], row["source"], faithful, True
                yield row["language"], row["source"], wrong, False


def _is_held_out(row: dict[str, Any]) -> bool:
    return _byte(f"retelling {row['source']}") < _HELD_OUT


def _byte(text: str) -> int:
    return hashlib.sha256(text.encode()).digest()[0]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").splitlines()


def _snli(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    for part in ("dev", "test"):
        for row in zip(*(_lines(folder / f"{name}.{part}") for name in ("s1", "s2", "labels")), strict=True):
            yield "snli", row[0], row[1], row[2].strip()


def _lingnli(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    for path in sorted(folder.glob("[123]_*/train_round?_*.jsonl")):
        if not path.stem.endswith("combined"):
            for row in map(json.loads, _lines(path)):
                yield "lingnli", row["premise"], row["hypothesis"], row["label"]


def _conjnli(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    for row in csv.DictReader(_lines(folder / "adversarial_train_15k.tsv"), delimiter="\t", quoting=csv.QUOTE_NONE):
        yield "conjnli", row["Premise"], row["Hypothesis"], (row["Label"] or "").strip()


def _counterfactual(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    for part in ("train", "dev", "test"):
        for line in _lines(folder / "revised_combined" / f"{part}.tsv")[1:]:
            first, second, label = line.split("\t")[:3]
            yield "counterfactual", first, second, label.strip()


def _fever(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    for row in map(json.loads, chain(*(_lines(path) for path in sorted(folder.glob("*.jsonl"))))):
        grounds = row.get("evidence_sentence") or row.get("evidence")
        yield "fever", _plain(grounds), _plain(row["claim"]), row.get("label") or row.get("gold_label")


def _vitaminc(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    for name in ("vitaminc_real.zip", "vitaminc_synthetic.zip"):
        with zipfile.ZipFile(folder / name) as packed:
            for member in (one for one in packed.namelist() if one.endswith(".jsonl")):
                for row in map(json.loads, io.TextIOWrapper(packed.open(member), encoding="utf-8")):
                    yield name.removesuffix(".zip"), _plain(row["evidence"]), _plain(row["claim"]), row["label"]


def _rte3(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    for path in sorted(folder.glob("*3class.tsv")):
        for row in csv.DictReader(_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE):
            yield "rte3-fr", row["premise"], row["hypothesis"], row["label_text"]


def _plain(text: str) -> str:
    for written, meant in _BRACKETS.items():
        text = text.replace(written, meant)
    return text


def of_ours(seed: int = 5) -> list[Example]:
    """Return the pairs about the shipped pages, each sentence with what stands around it, and general French ones."""
    chance = random.Random(seed)  # noqa: S311
    found = places(SHIPPED_CORPUS)
    pages = _Pages(found, chance)
    rows = [json.loads(line) for line in _lines(SETS / "inference-training.jsonl")]
    examples = [example for row in rows for example in _retold(row, pages, chance)]
    for row in map(json.loads, _lines(SETS / "inference-general.jsonl")):
        labels = {"entailed": ENTAILED, "contradicted": CONTRADICTED, "neutral": NEUTRAL}
        held = _byte(row["source"]) < _HELD_OUT
        examples += [
            Example(set="general", grounds=row["source"], claim=claim, label=label, held_out=held)
            for key, label in labels.items()
            for claim in row[key]
        ]
    examples += _asked({place.chunk.id: place.chunk for place in found})
    for one in mutate(found, Lexicon.read(SHIPPED_CORPUS / LEXICON).cars, per_kind=_MUTATIONS, seed=_SEED):
        if len(one.chunk.text.split()) < _MOST_WORDS:
            examples.append(
                Example(set="mutations", grounds=_headed(one.chunk, one.chunk.text), claim=one.claim, label=NOT_ENTAILED)
            )
    for pair in faithful(found, chance):
        if len(pair.source.split()) < _MOST_WORDS:
            examples.append(Example(set="variants", grounds=pair.source.replace("\n", ": ", 1), claim=pair.claim, label=ENTAILED))
    return examples


def _asked(passages: dict[str, Chunk]) -> Iterator[Example]:
    """Yield questions beside passages, but for passages that are no longer on the pages."""
    for row in map(json.loads, _lines(SETS / "inference-questions.jsonl")):
        held = _byte(f"answers {row.get('gap', row['question'])}") < _HELD_OUT  # one gap is asked about in several ways
        for key, label in (("answered_by", ENTAILED), ("not_by", NEUTRAL)):
            for passage in (passages[name] for name in row[key] if name in passages):
                grounds = _headed(passage, passage.text)
                yield Example(set="asked", grounds=grounds, claim=row["question"], label=label, held_out=held)


def _retold(row: dict[str, Any], pages: _Pages, chance: random.Random) -> Iterator[Example]:
    """Yield what was written about one sentence: beside that sentence, in its passage, and beside its translation."""
    held = _is_held_out(row)
    bare = f"{row['heading']}: {row['before']} {row['source']}"
    key = (row["language"], row["source"])
    claims = [(claim, ENTAILED, "") for claim in row["faithful"]]
    claims += [(claim, NOT_ENTAILED, how) for claim, how in zip(row["wrong"], row["how"], strict=True)]
    for claim, label, how in claims:
        yield Example(set="retold", grounds=bare, claim=claim, label=label, held_out=held)
        if held or key not in pages.of:
            continue
        if not any(soft in how.lower() for soft in _SOFT):  # what was added may well stand elsewhere in the passage
            yield Example(set="retold", grounds=pages.around(*key), claim=claim, label=label)
        if key in pages.translated and chance.random() < _FOREIGN:
            yield Example(set="foreign", grounds=pages.around(*pages.translated[key]), claim=claim, label=label)


class _Pages:
    """The sentences of the pages, with what stands around each."""

    def __init__(self, found: list[Place], chance: random.Random) -> None:
        self.of = {(place.chunk.language, place.sentence): place.chunk for place in reversed(found)}
        self.translated = {}
        for french, english in parallel(found):
            self.translated["fr", french.sentence] = ("en", english.sentence)
            self.translated["en", english.sentence] = ("fr", french.sentence)
        self._all = sorted(self.of)
        self._chance = chance

    def around(self, language: str, sentence: str) -> str:
        """Return a sentence with some of its neighbours, now and then with a stranger among them, under its heading."""
        chunk = self.of[language, sentence]
        told = [one.text for one in sentences(chunk.text, language)]
        place = told.index(sentence) if sentence in told else 0
        first = self._chance.randint(max(0, place - _AROUND), place)
        last = self._chance.randint(place, min(len(told) - 1, place + _AROUND))
        shown = told[first : last + 1]
        if self._chance.random() < _DISTRACTED:
            stranger = self._chance.choice([one for other, one in self._all if other == language])
            shown.insert(self._chance.randint(0, len(shown)), stranger)
        return _headed(chunk, " ".join(shown))


def _headed(chunk: Chunk, text: str) -> str:
    return headed([chunk.title, chunk.section], text)
