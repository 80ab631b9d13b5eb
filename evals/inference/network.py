"""The transformer of an `EngineFile` in PyTorch, with a head that tells entailment, neutrality and contradiction apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from evals.inference.engine_file import EngineFile

_LABELS = 3
_NOWHERE = -1e4
_DENSE = {"q": (0, 0), "k": (0, 0), "v": (0, 0), "ao": (0, 0), "fi": (3, 0), "fo": (0, 3)}  # sizes out and in, by their place
_NORMS = ("aln", "oln")


class _Layer(nn.Module):  # type: ignore[misc]
    def __init__(self, sizes: tuple[int, ...], epsilon: float) -> None:
        super().__init__()
        self.heads = sizes[2]
        for name, (out, into) in _DENSE.items():
            setattr(self, name, nn.Linear(sizes[into], sizes[out]))
        for name in _NORMS:
            setattr(self, name, nn.LayerNorm(sizes[0], epsilon))

    def forward(self, inputs: Any, mask: Any) -> Any:
        batch, length, hidden = inputs.shape
        query, key, value = (
            dense(inputs).view(batch, length, self.heads, hidden // self.heads).transpose(1, 2)
            for dense in (self.q, self.k, self.v)
        )
        # Written out: PyTorch's own attention is many times slower on the way back on a processor.
        weights = (query @ key.transpose(-1, -2) * (hidden // self.heads) ** -0.5 + mask).softmax(-1).to(value.dtype)
        attended = (weights @ value).transpose(1, 2).reshape(batch, length, hidden)
        inputs = self.aln(inputs + self.ao(attended))
        return self.oln(inputs + self.fo(functional.gelu(self.fi(inputs))))


class Network(nn.Module):  # type: ignore[misc]
    """Scores rows of tokens for the three labels."""

    def __init__(self, file: EngineFile) -> None:
        super().__init__()
        hidden, layers, _, _, vocabulary, positions, _ = file.sizes
        self.word, self.position = nn.Embedding(vocabulary, hidden), nn.Embedding(positions, hidden)
        self.norm = nn.LayerNorm(hidden, file.epsilon)
        self.layers = nn.ModuleList([_Layer(file.sizes, file.epsilon) for _ in range(layers)])
        self.head, self.dropout = nn.Linear(hidden, _LABELS), nn.Dropout(0.1)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        for name, parameter in self._read().items():
            parameter.data = torch.tensor(np.array(file.tensors[name])).reshape(parameter.shape)
        self.register_buffer("kind", torch.tensor(np.array(file.tensors["emb.type"])).reshape(-1, hidden)[0])
        self.word.weight.requires_grad_(requires_grad=False)  # most of its rows are never seen in training

    def forward(self, tokens: Any, there: Any) -> Any:
        """Return scores (rows, labels) for token numbers (rows, length); `there` marks those that are no padding."""
        places = torch.arange(tokens.shape[1])[None]
        inputs = self.norm(self.word(tokens) + self.position(places) + self.kind)
        mask = (~there[:, None, None]).to(inputs.dtype) * _NOWHERE
        for layer in self.layers:
            inputs = layer(inputs, mask.to(inputs.dtype))
        share = there[..., None].float()
        mean = (inputs.float() * share).sum(1) / share.sum(1)
        return self.head(self.dropout(functional.normalize(mean, dim=-1) * mean.shape[1] ** 0.5))

    def _read(self) -> dict[str, Any]:
        read = {"emb.word": self.word.weight, "emb.pos": self.position.weight}
        read |= {"emb.ln.w": self.norm.weight, "emb.ln.b": self.norm.bias}
        for number, layer in enumerate(self.layers):
            for name in (*_DENSE, *_NORMS):
                part = getattr(layer, name)
                read |= {f"l{number}.{name}.w": part.weight, f"l{number}.{name}.b": part.bias}
        return read
