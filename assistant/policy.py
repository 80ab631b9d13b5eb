"""What must hold whatever the knowledge or a model says, before an answer is composed and after.

Before: the first rule of the table whose words are in the question; else the rule that the question most likely comes
under, learnt from example questions. After: sales text never reaches customers.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """The classifier's probabilities by label: of the question made standalone, and of its own words alone.

    `pressed` is the rule that the turn before came under, where the question leans on that turn; `asked` how near the question
    is to one that a page is known to answer, from 0 to 1.
    """

    whole: dict[str, float]
    own: dict[str, float]
    follows_up: bool = False
    pressed: str | None = None
    asked: float = 0.0


def rule_in_meaning(
    in_words: Rule | None, meaning: Meaning, rules: Rules, calibration: Calibration, audience: Audience
) -> Rule | None:
    """Return the rule that a question most likely comes under, or None when that is not likely enough.

    `in_words` is the rule its words name, if any. An emergency needs less: a false alarm costs a sentence. A follow-up needs
    more, since a few words by themselves ("what do you get in return") look like anything: its own words must be likely to come
    under the rule and not be at odds with what they follow. Who presses on after a rule has spoken gets the same answer. A
    hand-over that no words name gives way to what a page is known to answer ("what does the green lamp of the flap mean?").
    """
    if in_words is not None:
        innocent = sum(meaning.own.get(label, 0.0) for label in (INNOCENT, *UNHELD))
        return None if innocent >= calibration.innocent_from else in_words
    binding = {rule.rule: rule for rule in rules.table if rule.binds(audience) and rule.rule not in UNHELD}
    if not meaning.follows_up:
        if meaning.whole.get(EMERGENCY, 0.0) >= calibration.emergency_from:
            return binding.get(EMERGENCY)
        likely, probability = _likeliest(meaning.whole)
        rule = binding.get(likely) if probability >= calibration.rule_from else None
        return None if rule and yields_to_meaning(rule) and _is_known(meaning, calibration) else rule
    likely, probability = _likeliest(meaning.own)
    agrees = meaning.pressed is not None or meaning.whole.get(likely, 0.0) >= calibration.rule_from
    if likely in binding and agrees and probability >= calibration.follow_up_from:
        return binding[likely]
    likely, probability = _likeliest(meaning.whole)
    return binding.get(likely) if likely == meaning.pressed and probability >= calibration.follow_up_from else None


def _is_known(meaning: Meaning, calibration: Calibration) -> bool:
    harmless = sum(meaning.whole.get(label, 0.0) for label in (INNOCENT, *UNHELD))
    return meaning.asked >= calibration.asked_from and harmless >= calibration.harmless_from


def _likeliest(probabilities: dict[str, float]) -> tuple[str, float]:
    label = max(probabilities, key=lambda name: probabilities[name], default="")
    return label, probabilities.get(label, 0.0)


def off_topic(probabilities: dict[str, float], rules: Rules) -> Rule | None:
    """Return the rule for what is no subject of the brand, when a question the knowledge is silent on is likely that."""
    likely, _ = _likeliest(probabilities)
    return next((rule for rule in rules.table if rule.rule == OFF_TOPIC == likely), None)


def may_show(chunk: Chunk, audience: Audience) -> bool:
    """Say whether a passage may be shown to this audience: the last lock behind the separate folders."""
    return chunk.audience in ("customer", audience)
