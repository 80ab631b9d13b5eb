"""The mutations themselves on all pages; rejecting them at a small count. The measured figure is `python -m evals.mutations`."""

from __future__ import annotations

import pytest

from assistant.entailment import Entailment
from evals.mutations import KINDS, Mutation, Place, mutate, places, rejected
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
    assert not [one for one in mutations if one.claim in one.source or one.claim == one.original]


def test_nearly_every_mutation_of_a_fact_is_rejected_even_without_meaning(mutations: list[Mutation]):
    facts = [one for one in mutations if one.kind in {"number", "unit", "year", "car"}]

    table, _ = rejected(facts, Entailment.open(FakeEmbedder(), SHIPPED_CORPUS))

    assert table["both all"]["mutations"] == len(facts)
    assert table["both all"]["rejected"] >= 0.98


def test_an_unchanged_sentence_counts_as_accepted(mutations: list[Mutation]):
    unchanged = Mutation(
        kind="number", language="fr", original="Tournez.", claim="La touche 5 la garde.", source="La touche 5 la garde."
    )

    class Agreeing:
        def check(self, pairs):
            return [type("Judged", (), {"supported": pair.claim == pair.source}) for pair in pairs]

    table, missed = rejected([unchanged], Agreeing())

    assert table["fr number"]["rejected"] == 0
    assert missed == [unchanged]
