"""What must hold whatever the knowledge or a model says, before an answer is composed and after.

Before: the first rule of the table whose words are in the question; else the rule that the question most likely comes
under, learnt from example questions. After: sales text never reaches customers.
"""

from __future__ import annotations

from assistant.answer import Decision
from assistant.calibration import Calibration
from assistant.rules import Rule, Rules
from knowledge.document import Audience
from knowledge.exemplars import INNOCENT, OFF_TOPIC, SILENT
from knowledge.splitting import Chunk

EMERGENCY = "emergency"
# Labels of questions that come under no rule before the knowledge was asked: what it does not hold, what is not its subject.
UNHELD = (SILENT, OFF_TOPIC)


def rule_in_words(text: str, rules: Rules, audience: Audience) -> Rule | None:
    """Return the first rule whose patterns are in a question, or None."""
    return next((rule for rule in rules.table if rule.binds(audience) and rule.acts_on(text)), None)


def yields_to_meaning(rule: Rule) -> bool:
    """Say whether a rule found in words may turn out not to be meant ("was it made to be cheaper than spheres?")."""
    return rule.decision is Decision.HANDOVER


def rule_in_meaning(
    in_words: Rule | None,
    probabilities: dict[str, float],
    rules: Rules,
    calibration: Calibration,
    audience: Audience,
    *,
    follows_up: bool = False,
) -> Rule | None:
    """Return the rule that a question most likely comes under, or None when that is not likely enough.

    `in_words` is the rule its words name, if any; `probabilities` are the classifier's, by label. An emergency needs less: a
    false alarm costs a sentence. A question that `follows_up` needs more: a few words by themselves ("C3 from 2017") look like
    anything.
    """
    if in_words is not None:
        innocent = sum(probabilities.get(label, 0.0) for label in (INNOCENT, *UNHELD))
        return None if innocent >= calibration.innocent_from else in_words
    binding = {rule.rule: rule for rule in rules.table if rule.binds(audience) and rule.rule not in UNHELD}
    sure = calibration.follow_up_from if follows_up else 0.0
    if probabilities.get(EMERGENCY, 0.0) >= max(calibration.emergency_from, sure):
        return binding.get(EMERGENCY)
    likely = max(probabilities, key=lambda label: probabilities[label], default="")
    return binding.get(likely) if probabilities.get(likely, 0.0) >= max(calibration.rule_from, sure) else None


def off_topic(probabilities: dict[str, float], rules: Rules) -> Rule | None:
    """Return the rule for what is no subject of the brand, when a question the knowledge is silent on is likely that."""
    likely = max(probabilities, key=lambda label: probabilities[label], default="")
    return next((rule for rule in rules.table if rule.rule == OFF_TOPIC == likely), None)


def may_show(chunk: Chunk, audience: Audience) -> bool:
    """Say whether a passage may be shown to this audience: the last lock behind the separate folders."""
    return chunk.audience in ("customer", audience)
