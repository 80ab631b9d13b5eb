"""What must hold whatever the knowledge or a model says, before an answer is composed and after.

Before: the first rule of the table whose words are in the question; else the rule whose examples the question is nearest
to, unless an innocent question is as near. After: sales text never reaches customers.
"""

from __future__ import annotations

from assistant.calibration import Calibration
from assistant.rules import Rule, Rules
from knowledge.document import Audience
from knowledge.embedding import Vectors
from knowledge.exemplars import Exemplars
from knowledge.splitting import Chunk

INNOCENT = "none"


def rule_in_words(text: str, rules: Rules, audience: Audience) -> Rule | None:
    """Return the first rule whose patterns are in a question, or None."""
    return next((rule for rule in rules.table if rule.binds(audience) and rule.acts_on(text)), None)


def rule_in_meaning(
    vector: Vectors, rules: Rules, exemplars: Exemplars, calibration: Calibration, audience: Audience
) -> Rule | None:
    """Return the rule whose examples come nearest to a question, or None when an innocent example is nearly as near."""
    nearest = exemplars.nearest(vector)
    innocent = nearest.pop(INNOCENT, 0.0)
    if not nearest:
        return None
    name = max(nearest, key=lambda label: nearest[label])
    if nearest[name] < calibration.rule_near_from or nearest[name] - innocent < calibration.rule_nearer_by:
        return None
    return next((rule for rule in rules.table if rule.rule == name and rule.binds(audience)), None)


def may_show(chunk: Chunk, audience: Audience) -> bool:
    """Say whether a passage may be shown to this audience: the last lock behind the separate folders."""
    return chunk.audience in ("customer", audience)
