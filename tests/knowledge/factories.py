"""Small makers of what the knowledge works on: pages, corpora, settings, snapshots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from knowledge.document import Document
from knowledge.embedding import Embedder, FakeEmbedder
from knowledge.ingest import IngestReport, ingest
from knowledge.lexicon import Lexicon
from knowledge.manifest import MANIFEST, Manifest, Recipe
from knowledge.markdown import read_markdown
from knowledge.retrieval import RetrievedChunk, SectionWeights, Weights
from knowledge.search import Searcher
from knowledge.serving import LiveSnapshot
from knowledge.settings import KnowledgeSettings
from knowledge.snapshots import SnapshotStore

Pages = dict[str, str | bytes]

VEHICLES = """
- model: C3
  names: [c3]
  generations:
    - {generation: II, years: "-2016"}
    - {generation: III, years: "2016-2024"}
    - {generation: IV, years: "2024-", energies: [petrol, electric]}
    - {generation: India, years: "2022-"}
- model: C4
  names: [c4]
  generations:
    - {generation: II, years: "-2018"}
    - {generation: III, years: "2020-", energies: [petrol, electric]}
- model: C5 Aircross
  names: [c5 aircross]
  generations:
    - {generation: I, years: "2018-2025", energies: [petrol, diesel]}
    - {generation: II, years: "2025-"}
"""

FEATURES = """
- id: cruise-control
  words: {en: [cruise control], fr: [régulateur de vitesse]}
- id: adaptive-cruise-control
  words: {en: [adaptive cruise control, acc], fr: [régulateur adaptatif]}
- id: hill-start
  words: {en: [hill start assist, assist], fr: [aide au démarrage en côte]}
- id: lane-keeping
  words: {en: [lane keeping, assist], fr: [maintien de voie]}
"""

INTENTS = """
- role: steps
  task: "on"
  cues: {en: [switch on, how to], fr: [activer]}
- role: limits
  cues: {en: [does not work], fr: [ne marche pas]}
- role: trouble
  weight: 0.5
  cues: {en: [strange noise]}
"""

TURNS = """
energies: {electric: electric, petrol: petrol}
generations: {I: first generation}
newest: the new one
places: {0: first}
follow_up_begins: and|but
follow_up_ends: it
follow_up_holds: switch it
refers_to: (?<!is )(it|he)
second_part: (and|or) (how|what)
no_feature: plug ?in hybrid
names: c3|c4
"""

# Every kind of evidence counts the same, however many kinds there are.
WEIGHTS = yaml.safe_dump(dict.fromkeys(Weights.model_fields, 1.0) | {"section": dict.fromkeys(SectionWeights.model_fields, 1.0)})

LEXICON_FILES = {
    "lexicon/vehicles.yaml": VEHICLES,
    "lexicon/features.yaml": FEATURES,
    "lexicon/intents.yaml": INTENTS,
    "lexicon/turns.yaml": TURNS,
}


def section(
    text: str = "The foam of the seats is thick.",
    *,
    name: str = "what",
    role: str = "what",
    heading: str = "About the seats",
    attributes: str = "",
) -> str:
    """One section of a page; `attributes` stand behind the role as they are."""
    return f"## {heading} {{#{name} .{role}{' ' + attributes if attributes else ''}}}\n\n{text}\n"


def page(*sections: str, drop: str | None = None, **head: object) -> str:
    """A page, good unless told otherwise: `head` replaces or adds front-matter keys, `drop` leaves one out."""
    front: dict[str, object] = {
        "id": "seats",
        "kind": "comfort",
        "title": "Comfortable seats",
        "language": "en",
        "audience": "customer",
        "markets": ["*"],
        "vehicles": [],
        "features": [],
        "claims": {"status": "fact", "as_of": 2020, "speaker": None, "confidence": "confirmed"},
        "sources": [{"label": "Handbook, 2020", "url": None, "year": 2020, "consulted": ["https://copy.example/1"]}],
        "reviewed": "2026-11-22",
    } | head
    front.pop(drop or "", None)
    written = yaml.safe_dump(front, sort_keys=False, allow_unicode=True)
    return f"---\n{written}---\n\n" + "\n".join(sections or (section(),))


def write(path: Path, content: str | bytes) -> Path:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def corpus(folder: Path, pages: Pages | None = None) -> Path:
    """A corpus folder: a lexicon, weights, a rule file, and the pages by their path below `pages/`."""
    for name, text in (LEXICON_FILES | {"retrieval.yaml": WEIGHTS, "rules.yaml": "- price\n"}).items():
        write(folder / name, text)
    for name, content in ({"seats.md": page()} if pages is None else pages).items():
        write(folder / "pages" / name, content)
    return folder


def lexicon(folder: Path) -> Lexicon:
    """The lexicon of the test corpora."""
    for name, text in LEXICON_FILES.items():
        write(folder / name, text)
    return Lexicon.read(folder / "lexicon")


def document(text: str, folder: Path) -> Document:
    """The document that the Markdown loader makes of this page."""
    return read_markdown(write(folder / "page.md", text), name="page.md")


def settings_for(folder: Path, pages: Pages | None = None, **more: Any) -> KnowledgeSettings:
    """Settings over a new corpus and an empty home, both below `folder`."""
    return KnowledgeSettings(corpus=corpus(folder / "corpus", pages), home=folder / "home", **more)


def ingested(settings: KnowledgeSettings, *paths: Path, embedder: Embedder | None = None) -> IngestReport:
    """The report of an ingest with vectors that cost nothing."""
    return ingest(settings, embedder or FakeEmbedder(), list(paths) or None)


def release_with(settings: KnowledgeSettings, text: str) -> str:
    """Give the page `seats.md` this text, ingest, make it live, and return its id."""
    write(settings.corpus / "pages/seats.md", page(section(text)))
    return published(settings)


def published(settings: KnowledgeSettings) -> str:
    """Ingest the corpus and make the candidate live, as if the gate had let it through; return its id."""
    snapshot_id = ingested(settings).snapshot
    store = SnapshotStore(settings.home)
    if store.live_id() != snapshot_id:
        with store.writing():
            store.swap(snapshot_id)
    return snapshot_id


def search(
    settings: KnowledgeSettings, question: str = "foam of the seats", *, audience: Any = "customer", **options: Any
) -> list[RetrievedChunk]:
    """What the live snapshot finds, opened and closed for this one question."""
    live = LiveSnapshot(SnapshotStore(settings.home), audience)
    try:
        return Searcher(live, FakeEmbedder()).search(question, **options)
    finally:
        live.close()


def answers(settings: KnowledgeSettings) -> list[str]:
    """Everything that can be told from outside about the live snapshot's answers to a few questions."""
    questions = ("foam of the seats", "Comfortable", "something else altogether", "")
    return [repr(found) for question in questions for found in search(settings, question)]


def bare_snapshot(store: SnapshotStore, name: str, *, age: int = 0) -> str:
    """A snapshot with nothing in it but its manifest, `age` hours old; return its id. Enough for pointers and pruning."""
    recipe = Recipe(embedder="none", documents={name: name}, release={})
    created = datetime.now(UTC) - timedelta(hours=age)
    manifest = Manifest(id=recipe.id, created=created, recipe=recipe, entries={}, files={})
    write(store.folder(recipe.id) / MANIFEST, manifest.model_dump_json())
    return recipe.id
