"""The path of a question, in the order the README tells it."""

from __future__ import annotations

import ast
from pathlib import Path

import assistant.assistant
from assistant.assistant import Assistant

STEPS = ["understand", "rule_in_words", "retrieve", "reread", "decide", "compose", "verify", "_record"]


def test_stream_calls_the_steps_in_the_order_of_the_readme() -> None:
    tree = ast.parse(Path(assistant.assistant.__file__).read_text(encoding="utf-8"))
    stream = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "stream")

    calls = [
        (node.lineno, node.func.id if isinstance(node.func, ast.Name) else node.func.attr)
        for node in ast.walk(stream)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    ]
    order = [name for _, name in sorted(calls) if name in STEPS]

    assert list(dict.fromkeys(order)) == STEPS


def test_every_step_is_timed(customer: Assistant) -> None:
    from assistant.answer import Question

    timings = customer.reply(Question(text="À quoi servent les butées hydrauliques progressives ?")).timings_ms

    assert list(timings) == ["total", "understand", "rules", "embed", "retrieve", "decide", "compose", "verify"]
