"""The lexicon tells which features a question names and what it wants done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knowledge.document import Role
from knowledge.errors import ConfigurationError
from knowledge.lexicon import Lexicon
from tests.knowledge.factories import LEXICON_FILES, lexicon, write


@pytest.fixture
def known(tmp_path: Path) -> Lexicon:
    return lexicon(tmp_path)


def test_a_named_feature_is_found_with_full_weight(known: Lexicon) -> None:
    assert known.features_in("Where is the cruise control?") == {"cruise-control": 1.0}


def test_case_accents_and_endings_do_not_count(known: Lexicon) -> None:
    assert known.features_in("les REGULATEURS de vitesse") == {"cruise-control": 1.0}


def test_a_feature_is_found_in_any_language_of_the_lexicon(known: Lexicon) -> None:
    assert known.features_in("Comment marche le régulateur adaptatif ?") == {"adaptive-cruise-control": 1.0}


def test_the_longest_name_wins_over_the_names_inside_it(known: Lexicon) -> None:
    assert known.features_in("adaptive cruise control") == {"adaptive-cruise-control": 1.0}


def test_a_name_that_stands_beside_a_longer_one_still_counts(known: Lexicon) -> None:
    found = known.features_in("adaptive cruise control or cruise control")

    assert found == {"adaptive-cruise-control": 1.0, "cruise-control": 1.0}


def test_a_misspelt_name_counts_less(known: Lexicon) -> None:
    found = known.features_in("how does cruize controle work")

    assert 0.5 < found["cruise-control"] < 1.0


def test_a_name_that_features_share_counts_less_for_each(known: Lexicon) -> None:
    assert known.features_in("the assist") == {"hill-start": 0.5, "lane-keeping": 0.5}


def test_a_short_name_has_no_misspellings(known: Lexicon) -> None:
    assert known.features_in("acd") == {}


def test_other_words_name_no_feature(known: Lexicon) -> None:
    assert known.features_in("What is the capital of Mongolia?") == {}


def test_a_cue_tells_the_role_and_task_that_are_wanted(known: Lexicon) -> None:
    assert known.roles_in("How to switch on the wipers") == {(Role.STEPS, "on"): 1.0}


def test_a_cue_is_found_without_case_and_accents(known: Lexicon) -> None:
    assert known.roles_in("ÇA NE MARCHE PAS") == {(Role.LIMITS, None): 1.0}


@pytest.mark.parametrize("text", ["réactiver", "activerions", "switch one", "show together"])
def test_a_cue_needs_whole_words(text: str, known: Lexicon) -> None:
    assert known.roles_in(text) == {}


def test_an_uncertain_cue_counts_less(known: Lexicon) -> None:
    assert known.roles_in("A strange noise") == {(Role.TROUBLE, None): 0.5}


def test_a_question_can_want_two_things(known: Lexicon) -> None:
    found = known.roles_in("How to fix it when it does not work")

    assert set(found) == {(Role.STEPS, "on"), (Role.LIMITS, None)}


def test_the_features_that_a_page_may_name_are_known(known: Lexicon) -> None:
    assert known.feature_ids == {"cruise-control", "adaptive-cruise-control", "hill-start", "lane-keeping"}


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("features.yaml", "- {id: x}", "features.yaml (0.words): the key is missing."),
        ("features.yaml", "- {id: x, words: {en: [x]}, colour: red}", "features.yaml (0.colour): the key is not known."),
        ("features.yaml", "", "features.yaml: Input should be a valid tuple (found 'None')."),
        ("intents.yaml", "- {role: gossip, cues: {}}", "(found 'gossip')."),
        ("vehicles.yaml", "- {model: x, names: y, generations: []}", "vehicles.yaml (0.names): Input should be a valid tuple"),
        ("vehicles.yaml", "- {model: [", "vehicles.yaml:2: the file can't be read ("),
        ("turns.yaml", 'energies: {electric: "("}', "turns.yaml (energies.electric): it is no pattern: missing ), "),
        ("turns.yaml", b"\xff\xfe", "turns.yaml: the file can't be read ('utf-8' codec can't decode"),
        ("asks.yaml", "seats: [Is it soft?]\nsprings: [Is it steel?]", "asks.yaml (seats): Input should be a valid dictionary"),
    ],
    ids=[
        "missing key", "unknown key", "empty", "unknown role", "no list", "broken YAML", "broken pattern", "not UTF-8",
        "old form",
    ],
)  # fmt: skip
def test_a_wrong_lexicon_is_refused_with_its_place(file: str, content: str | bytes, told: str, tmp_path: Path) -> None:
    lexicon(tmp_path)
    write(tmp_path / "lexicon" / file, content)

    with pytest.raises(ConfigurationError, match=re.escape(told)) as caught:
        Lexicon.read(tmp_path / "lexicon")

    assert str(caught.value).endswith("Correct the file; the one that ships shows its form.")


def test_of_many_faults_the_first_is_told_and_the_others_are_counted(tmp_path: Path) -> None:
    lexicon(tmp_path)
    write(tmp_path / "lexicon/asks.yaml", "\n".join(f"page-{number}: [{'How soft is it? ' * 20}]" for number in range(92)))

    with pytest.raises(ConfigurationError) as caught:
        Lexicon.read(tmp_path / "lexicon")

    told = str(caught.value).removeprefix(str(tmp_path))
    assert "(page-0)" in told
    assert "(and 91 more)" in told
    assert "page-1)" not in told
    assert "\n" not in told
    assert len(told) < 260


@pytest.mark.parametrize("name", LEXICON_FILES)
def test_a_missing_lexicon_file_is_named(name: str, tmp_path: Path) -> None:
    lexicon(tmp_path)
    (tmp_path / name).unlink()

    with pytest.raises(ConfigurationError, match=Path(name).name):
        Lexicon.read(tmp_path / "lexicon")


def test_a_figure_is_asked_for_and_told_in_its_own_words(tmp_path: Path) -> None:
    write(tmp_path / "lexicon" / "figures.yaml", "boot: {asked: how big is the boot, told: 'boot.*\\d+ litres'}\n")
    known = lexicon(tmp_path)

    assert known.figures_in("How big is the BOOT?") == {"boot"}
    assert known.figures_in("How do I open the boot?") == frozenset()
    assert known.tells({"boot"}, "The boot holds 520 litres.")
    assert not known.tells({"boot"}, "The boot opens by a foot.")


def test_a_feature_is_named_in_a_passage_by_one_of_its_own_names_only(known: Lexicon) -> None:
    assert known.is_named("cruise-control", "With cruise control on, the car holds its speed.", "en")
    assert not known.is_named("cruise-control", "With cruize controle on, the car holds its speed.", "en")
    assert not known.is_named("hill-start", "The car holds its speed.", "en")


@pytest.mark.parametrize(
    ("text", "twice"),
    [
        ("Can he drive it, and how fast is it?", True),
        ("Is it new? Is it quiet?", True),
        ("Is it new???", False),
        ("En quelle année est-elle sortie ?", False),
        ("How do cruise control and adaptive cruise control differ?", False),
    ],
)
def test_a_message_that_asks_two_things_is_told_from_one_that_insists(known: Lexicon, text: str, twice: bool) -> None:
    assert known.turns.asks_twice(text) is twice
