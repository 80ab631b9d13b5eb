"""Everything of a snapshot that shapes an answer, read once: lexicon, weights, phrases, calibration, rules.

It is read from the snapshot and never from the package, so what was scored is what serves.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.briefing.plan import Plan
from assistant.calibration import Calibration
from assistant.catalogue import Catalogue
from assistant.entailment.names import CarNames
from assistant.markets import Markets
from assistant.prompting import Prompt
from assistant.rules import Rules
from assistant.vehicle_recognition import VehicleRecognition
from knowledge.classifier import Classifier
from knowledge.embedding import Vectors
from knowledge.index import Index
from knowledge.lexicon import Lexicon
from knowledge.retrieval import Retriever, Weights
from knowledge.serving import Snapshot


@dataclass(frozen=True, kw_only=True)
class Release:
    """The parts of one snapshot, ready to use."""

    id: str
    index: Index
    retriever: Retriever
    lexicon: Lexicon
    recognition: VehicleRecognition
    car_names: CarNames
    catalogue: Catalogue
    rules: Rules
    markets: Markets
    briefing: Plan
    calibration: Calibration
    classifier: Classifier | None
    prompt: Prompt

    def labels(self, question: str, vector: Vectors) -> dict[str, float]:
        """Return the probability of each label of the examples for a question and its vector; none without examples."""
        return self.classifier.probabilities(question, vector) if self.classifier else {}

    @classmethod
    def read(cls, snapshot: Snapshot) -> Release:
        """Return the parts of an open snapshot. Raises `ConfigurationError` naming the file at fault."""
        folder = snapshot.release
        lexicon = Lexicon.read(folder / "lexicon")
        return cls(
            id=snapshot.id,
            index=snapshot.index,
            retriever=Retriever(snapshot.index, Weights.read(folder / "retrieval.yaml")),
            lexicon=lexicon,
            recognition=VehicleRecognition(lexicon),
            car_names=CarNames(lexicon.cars),
            catalogue=Catalogue.read(folder / "catalogue"),
            rules=Rules.read(folder / "rules.yaml"),
            markets=Markets.read(folder / "markets"),
            briefing=Plan.read(folder / "briefing.yaml"),
            calibration=Calibration.read(folder / "calibration.yaml"),
            classifier=Classifier.read(folder),
            prompt=Prompt.read(folder / "prompts"),
        )
