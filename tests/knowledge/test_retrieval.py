"""Retrieval: what may not be shown is never found, and each kind of evidence moves the right passage up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from knowledge.document import Role, Task
from knowledge.embedding import FakeEmbedder
from knowledge.errors import ConfigurationError
from knowledge.index import Index
from knowledge.retrieval import Evidence, Query, RetrievedChunk, Retriever, SectionWeights, Weights
from knowledge.vehicles import Vehicle
from tests.knowledge.factories import WEIGHTS, document, page, section, write

C3_CARS = [{"model": "C3", "generation": name} for name in ("III", "IV", "India")]
PAGES = {
    # Two languages of one page.
    "seats.en": page(section("The foam of the seats is thick."), title="Seats"),
    "seats.fr": page(section("La mousse des sièges est épaisse."), title="Sièges", language="fr"),
    # English only.
    "springs": page(section("Steel springs carry the car."), id="springs", title="Springs"),
    # Alike but for one thing: market, car, feature, role, question, title.
    "market.fr": page(section("A charging cable is in the boot."), id="cable-france", title="Cable", markets=["FR"]),
    "market.de": page(section("A charging cable is in the boot."), id="cable-germany", title="Cable", markets=["DE", "AT"]),
    "market.all": page(section("A charging cable is in the boot."), id="cable-world", title="Cable"),
    "cars": page(
        section("The mirror folds by hand.", name="third", attributes='vehicles="C3 III"'),
        section("The mirror folds by hand.", name="fourth", attributes='vehicles="C3 IV"'),
        section("The mirror folds by hand.", name="india", attributes='vehicles="C3 India"'),
        section("The mirror folds by hand.", name="any", attributes='vehicles="*"'),
        id="mirror",
        title="Mirror",
        vehicles=C3_CARS,
    ),
    "feature.a": page(section("Press the lever twice."), id="lever-a", title="Lever", features=["cruise-control"]),
    "feature.b": page(section("Press the lever twice."), id="lever-b", title="Lever", features=["hill-start"]),
    "roles": page(
        section("1. Turn the knob.", name="a-on", role="steps", attributes="task=on"),
        section("1. Turn the knob.", name="b-off", role="steps", attributes="task=off"),
        section("1. Turn the knob.", name="c-limits", role="limits"),
        id="knob",
        title="Knob",
    ),
    "asked.a": page(section("The wheel is warm."), id="wheel-a", title="Wheel", questions=["Why is it so cold?"]),
    "asked.b": page(section("The wheel is warm."), id="wheel-b", title="Wheel", questions=["Freezing fingers in winter?"]),
    "title.a": page(section("It has four rows."), id="table-a", title="Rooftop"),
    "title.b": page(section("It has four rows."), id="table-b", title="Sunshade"),
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    return Weights.read(write(tmp_path_factory.mktemp("weights") / "retrieval.yaml", WEIGHTS))


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory, weights: Weights) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("retrieval")
    documents = [document(text, folder) for text in PAGES.values()]
    Index.build(folder / "index", documents, FakeEmbedder().embed_passages)
    index = Index(folder / "index")
    yield Retriever(index, weights)
    index.close()


def query(text: str, **more: Any) -> Query:
    return Query(**{"text": text, "vector": FakeEmbedder().embed_query(text), "languages": ("en", "fr")} | more)


def ids(found: list[RetrievedChunk]) -> list[str]:
    return [item.chunk.id for item in found]


def documents(found: list[RetrievedChunk], start: str) -> list[str]:
    return [item.chunk.document_id for item in found if item.chunk.document_id.startswith(start)]


def sections(found: list[RetrievedChunk], document_id: str) -> list[str]:
    return [item.chunk.section_id for item in found if item.chunk.document_id == document_id]


def test_the_passage_with_the_words_of_the_question_comes_first(retriever: Retriever) -> None:
    found = retriever.retrieve(query("steel springs carry"), 5)

    assert found[0].chunk.id == "springs.en.what"


def test_ranks_count_from_one_and_scores_fall(retriever: Retriever) -> None:
    found = retriever.retrieve(query("foam of the seats"), 8)

    assert [item.rank for item in found] == list(range(1, 9))
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)


def test_no_more_passages_than_asked_for_are_returned(retriever: Retriever) -> None:
    found = retriever.retrieve(query("foam"), 2)

    assert len(found) == 2


def test_a_score_is_the_weighted_sum_of_its_evidence(retriever: Retriever, weights: Weights) -> None:
    found = retriever.retrieve(query("foam of the seats", features={"cruise-control": 1.0}), 20)

    assert all(item.score == pytest.approx(weights.score(item.evidence)) for item in found)


def test_every_evidence_lies_between_none_and_full(retriever: Retriever) -> None:
    found = retriever.retrieve(
        query("Why is it so cold?", features={"cruise-control": 0.5}, roles={(Role.LIMITS, None): 1.0}), 50
    )

    assert all(0.0 <= value <= 1.0 for item in found for value in vars(item.evidence).values())


def test_the_same_question_is_answered_the_same_twice(retriever: Retriever) -> None:
    first = retriever.retrieve(query("mirror"), 20)

    second = retriever.retrieve(query("mirror"), 20)

    assert first == second


@pytest.mark.parametrize(
    ("market", "shown"),
    [
        ("FR", ["cable-france", "cable-world"]),
        ("AT", ["cable-germany", "cable-world"]),
        ("GB", ["cable-world"]),
        (None, ["cable-france", "cable-germany", "cable-world"]),
    ],
)
def test_passages_of_other_markets_are_never_found(retriever: Retriever, market: str | None, shown: list[str]) -> None:
    found = retriever.retrieve(query("charging cable", market=market), 50)

    assert sorted(documents(found, "cable")) == shown


@pytest.mark.parametrize(
    ("vehicle", "shown"),
    [
        (None, ["any", "fourth", "third"]),
        (Vehicle(model="C3"), ["any", "fourth", "third"]),
        (Vehicle(model="C3", generation="IV"), ["any", "fourth"]),
        (Vehicle(model="C3", generation="India"), ["any", "india"]),
        (Vehicle(model="C4", generation="III"), ["any"]),
    ],
    ids=["no car", "any generation", "one generation", "a market's own car", "another model"],
)
def test_passages_of_other_cars_are_never_found(retriever: Retriever, vehicle: Vehicle | None, shown: list[str]) -> None:
    found = retriever.retrieve(query("the mirror folds by hand", vehicle=vehicle), 50)

    assert sorted(sections(found, "mirror")) == shown


def test_passages_of_cars_that_were_not_sold_that_year_are_never_found(tmp_path: Path, weights: Weights) -> None:
    cars = [{"model": "C3", "generation": "III", "years": "2016-2024"}, {"model": "C3", "generation": "IV", "years": "2024-"}]
    text = page(
        section("The mirror folds.", name="third", attributes='vehicles="C3 III"'),
        section("The mirror folds.", name="fourth", attributes='vehicles="C3 IV"'),
        vehicles=cars,
    )
    Index.build(tmp_path / "index", [document(text, tmp_path)], FakeEmbedder().embed_passages)
    index = Index(tmp_path / "index")

    found = Retriever(index, weights).retrieve(query("mirror", vehicle=Vehicle(model="C3", year=2019)), 10)
    index.close()

    assert sections(found, "seats") == ["third"]


@pytest.mark.parametrize(("languages", "shown"), [(("fr", "en"), "seats.fr.what"), (("en", "fr"), "seats.en.what")])
def test_a_passage_is_shown_in_the_preferred_language(retriever: Retriever, languages: tuple[str, ...], shown: str) -> None:
    found = retriever.retrieve(query("foam of the seats", languages=languages), 1)

    assert ids(found) == [shown]


def test_a_passage_that_the_language_lacks_is_shown_in_another(retriever: Retriever) -> None:
    found = retriever.retrieve(query("steel springs", languages=("fr",)), 1)

    assert ids(found) == ["springs.en.what"]


def test_a_passage_is_found_by_words_of_another_language_than_it_is_shown_in(retriever: Retriever) -> None:
    found = retriever.retrieve(query("mousse épaisse", languages=("en", "fr")), 1)

    assert ids(found) == ["seats.en.what"]


def test_each_passage_is_found_once(retriever: Retriever) -> None:
    found = retriever.retrieve(query("foam seats mousse sièges"), 50)

    passages = [(item.chunk.document_id, item.chunk.section_id, item.chunk.part) for item in found]
    assert len(passages) == len(set(passages))


@pytest.mark.parametrize("feature", ["cruise-control", "hill-start"])
def test_a_feature_that_the_question_names_moves_its_page_up(retriever: Retriever, feature: str) -> None:
    expected = {"cruise-control": "lever-a", "hill-start": "lever-b"}[feature]

    found = retriever.retrieve(query("press the lever twice", features={feature: 1.0}), 2)

    assert documents(found, "lever")[0] == expected


@pytest.mark.parametrize(
    ("role", "task", "first"),
    [(Role.STEPS, "on", "a-on"), (Role.STEPS, "off", "b-off"), (Role.LIMITS, None, "c-limits")],
)
def test_a_role_that_the_question_wants_moves_its_section_up(
    retriever: Retriever, role: Role, task: Task | None, first: str
) -> None:
    found = retriever.retrieve(query("turn the knob", roles={(role, task): 1.0}), 3)

    assert sections(found, "knob")[0] == first


def test_a_wanted_role_without_a_task_is_met_by_every_task(retriever: Retriever) -> None:
    found = retriever.retrieve(query("turn the knob", roles={(Role.STEPS, None): 1.0}), 50)

    evidence = {item.chunk.section_id: item.evidence.role for item in found if item.chunk.document_id == "knob"}
    assert evidence == {"a-on": 1.0, "b-off": 1.0, "c-limits": 0.0}


@pytest.mark.parametrize(("question", "first"), [("Why is it so cold?", "wheel-a"), ("Freezing fingers in winter?", "wheel-b")])
def test_a_question_that_a_page_says_it_answers_moves_it_up(retriever: Retriever, question: str, first: str) -> None:
    found = retriever.retrieve(query(question), 50)

    asked = {item.chunk.document_id: item.evidence.asked for item in found}
    assert documents(found, "wheel")[0] == first
    assert max(asked, key=lambda name: asked[name]) == first
    assert asked["springs"] == 0.0


@pytest.mark.parametrize(("question", "first"), [("rooftop rows", "table-a"), ("sunshade rows", "table-b")])
def test_words_of_its_title_move_a_page_up(retriever: Retriever, question: str, first: str) -> None:
    found = retriever.retrieve(query(question), 50)

    assert documents(found, "table")[0] == first
    assert next(item for item in found if item.chunk.document_id == first).evidence.title == 1.0


def test_a_title_counts_in_the_language_in_which_the_question_holds_most_of_it(retriever: Retriever) -> None:
    found = retriever.retrieve(query("sièges", languages=("en", "fr")), 50)

    assert next(item for item in found if item.chunk.id == "seats.en.what").evidence.title == 1.0


def test_a_nearer_vector_moves_a_passage_up(retriever: Retriever) -> None:
    near = FakeEmbedder().embed_query("Springs — About the seats\nSteel springs carry the car.")

    found = retriever.retrieve(query("nothing in common", vector=near), 1)

    assert ids(found) == ["springs.en.what"]
    assert (found[0].evidence.dense, found[0].evidence.words) == (1.0, 0.0)


def test_a_section_that_is_known_to_answer_such_questions_comes_before_others_of_its_page(
    tmp_path: Path, weights: Weights
) -> None:
    alike = document(page(section("Foam is soft.", name="a"), section("Foam is soft.", name="b")), tmp_path)
    asked = alike.model_copy(update={"asks": {"b": ("does it sag after years", "will it sag one day")}})
    Index.build(tmp_path / "index", [asked], FakeEmbedder().embed_passages)
    index = Index(tmp_path / "index")

    found = Retriever(index, weights).retrieve(query("does it sag one day"), 2)

    index.close()

    assert [item.chunk.section_id for item in found] == ["b", "a"]
    assert found[0].evidence.asked_here > found[1].evidence.asked_here == 0.0


def test_a_weight_of_nothing_takes_an_evidence_out() -> None:
    evidence = {name: 0.0 for name in Weights.model_fields if name != "section"}
    weights = Weights(**evidence | {"dense": 1.0}, section=SectionWeights(dense=1, words=1, role=1, asked_here=1, car=1))

    score = weights.score(Evidence(**dict.fromkeys(evidence, 1.0) | {"dense": 0.5, "asked_here": 1.0, "silent": 1.0, "car": 1.0}))

    assert score == 0.5


@pytest.mark.parametrize(
    "text", ["dense: 1", WEIGHTS + "luck: 1\n", WEIGHTS.replace("1.0", "much"), "[", ""],
    ids=["missing", "unknown", "no number", "broken YAML", "empty"],
)  # fmt: skip
def test_wrong_weights_are_refused_with_their_file(text: str, tmp_path: Path) -> None:
    path = write(tmp_path / "retrieval.yaml", text)

    with pytest.raises(ConfigurationError, match=r"retrieval\.yaml"):
        Weights.read(path)


def test_a_page_of_one_passage_is_as_near_as_that_passage(retriever: Retriever) -> None:
    found = retriever.retrieve(query("steel springs carry the car"), 1)[0]

    assert found.chunk.document_id == "springs"
    assert found.evidence.page == pytest.approx(found.evidence.dense)
