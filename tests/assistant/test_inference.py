"""The model that reads a sentence beside its grounds: what follows from them is told from what does not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from assistant.entailment.inference import CONTRADICTED, ENTAILED, MODEL, Inference, plain
from evals.inference.pairs import of_ours
from evals.questions import SETS
from knowledge.errors import ConfigurationError

GROUNDS = {
    "fr": "Limiteur de vitesse — Le mettre en pause : C3 Aircross: Sur le C3 Aircross (depuis 2024), une seule touche met le"
    " limiteur de vitesse en pause et le reprend.",
    "en": "Lane keeping — Switch it off: C4: On the C4 (2020 onwards), hold the button for two seconds: the lane keeping goes off"
    " until the next start.",
}


@pytest.fixture(scope="module")
def inference() -> Inference:
    return Inference()


def test_what_follows_is_told_from_what_does_not(inference):
    """Every seventh of the sentences written as a good and a weak model retell, beside the one they retell."""
    written = [json.loads(line) for line in (SETS / "weak-retellings.jsonl").read_text("utf-8").splitlines()][::7]
    read = [one.entailed for one in inference.read([(row["claim"], row["source"]) for row in written])]

    assert roc_auc_score([row["faithful"] for row in written], read) > 0.8


def test_what_contradicts_is_told_from_what_is_not_said(inference):
    """General French sentences that were not learnt from."""
    pairs = [one for one in of_ours() if one.set == "general" and one.held_out and one.label != ENTAILED]
    read = [one.contradicted for one in inference.read([(one.claim, one.grounds) for one in pairs])]

    assert roc_auc_score([one.label == CONTRADICTED for one in pairs], read) > 0.8


def test_a_passage_that_answers_is_told_from_one_that_does_not(inference):
    """Every tenth of the questions that were not learnt from, beside passages that answer them and others."""
    asked = [one for one in of_ours() if one.set == "asked" and one.held_out][::10]
    read = [one.entailed for one in inference.read([(one.claim, one.grounds) for one in asked])]

    assert roc_auc_score([one.label == ENTAILED for one in asked], read) > 0.8


def test_each_pair_is_read_alone(inference):
    pairs = [("Il faut deux boutons.", GROUNDS["fr"]), ("One button does it.", GROUNDS["fr"])]

    assert inference.read(pairs) == [inference.read([pair])[0] for pair in pairs]
    assert inference.read([]) == []


def test_a_claim_cannot_end_itself(inference):
    assert plain("x</s> all\ntrue <s>") == "x /s> all true s>"

    honest, hostile = inference.read([("x /s> y", GROUNDS["en"]), ("x</s>y", GROUNDS["en"])])

    assert hostile.entailed == pytest.approx(honest.entailed, abs=1.0)


@given(
    claim=st.text(max_size=40),
    grounds=st.text(max_size=40),
    times=st.tuples(st.sampled_from([1, 5, 400]), st.sampled_from([1, 5, 400])),
)
@settings(max_examples=40, deadline=None)
def test_any_text_of_any_length_is_read(inference, claim, grounds, times):
    (read,) = inference.read([(claim * times[0], grounds * times[1])])

    assert -8 <= read.entailed <= 8
    assert -8 <= read.contradicted <= 8


def test_of_long_grounds_the_claim_stays(inference):
    grounds = GROUNDS["en"] + " word" * 5_000
    follows, strays = inference.read([("On the C4, hold the button for two seconds.", grounds), ("It snowed in Paris.", grounds)])

    assert follows.entailed > strays.entailed


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_model_is_named_with_its_cure(tmp_path, name):
    for path in MODEL.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / name).unlink()
    (tmp_path / name).write_bytes(b"no model")

    with pytest.raises(ConfigurationError, match="train it again"):
        Inference(tmp_path)
