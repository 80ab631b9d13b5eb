"""What must hold whatever the knowledge or a model says, before an answer is composed and after.

Before: the first rule of the table that acts on the question. After: sales text never reaches customers.
"""

from __future__ import annotations

from assistant.rules import Rule, Rules
from knowledge.document import Audience
from knowledge.splitting import Chunk


def rule_for(text: str, rules: Rules) -> Rule | None:
    """Return the first rule that acts on a question, or None."""
    return next((rule for rule in rules.rules if rule.acts_on(text)), None)


def may_show(chunk: Chunk, audience: Audience) -> bool:
    """Say whether a passage may be shown to this audience: the last lock behind the separate folders."""
    return chunk.audience in ("customer", audience)
