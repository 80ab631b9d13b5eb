"""The mutations themselves on all pages; rejecting them at a small count. The measured figure is `bench paraphrases`."""

from __future__ import annotations

import pytest

from assistant.entailment import Entailment, Pair
from evals.mutations import KINDS, Mutation, Place, mutate, places
from knowledge.embedding import FakeEmbedder
from knowledge.ingest import LEXICON
from knowledge.lexicon import Lexicon
from knowledge.settings import SHIPPED_CORPUS
from knowledge.vehicles import CarRange


@pytest.fixture(scope="module")
def cars() -> CarRange:
    return Lexicon.read(SHIPPED_CORPUS / LEXICON).cars


@pytest.fixture(scope="module")
def found() -> list[Place]:
    return places(SHIPPED_CORPUS)


@pytest.fixture(scope="module")
def mutations(found: list[Place], cars: CarRange) -> list[Mutation]:
    return mutate(found, cars, per_kind=20, seed=3)


def test_the_shipped_pages_give_at_least_three_hundred_mutations_of_every_kind_in_both_languages(mutations: list[Mutation]):
    assert len(mutations) >= 300
    assert {(one.kind, one.language) for one in mutations} == {(kind, language) for kind in KINDS for language in ("fr", "en")}


def test_the_same_seed_gives_the_same_mutations_and_another_gives_others(found: list[Place], cars: CarRange):
    once = mutate(found, cars, per_kind=2, seed=5)

    assert mutate(found, cars, per_kind=2, seed=5) == once
    assert mutate(found, cars, per_kind=2, seed=6) != once


def test_no_mutation_stands_in_its_own_passage(mutations: list[Mutation]):
    assert not [one for one in mutations if one.claim in one.chunk.passage or one.claim == one.original]


def test_nearly_every_mutation_of_a_fact_is_rejected_even_without_meaning(mutations: list[Mutation]):
    facts = [one for one in mutations if one.kind in {"number", "unit", "year", "car"}]
    entailment = Entailment.open(FakeEmbedder(), SHIPPED_CORPUS)

    judged = entailment.check([Pair(claim=one.claim, source=one.chunk.passage, language=one.language) for one in facts])

    assert sum(not one.supported for one in judged) >= 0.98 * len(facts)
