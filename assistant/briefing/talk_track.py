"""The idea of a briefing in words that go to the customer: a social reply, or an e-mail after the visit.

Input: a `Briefing`. Output: text. Only sentences of customers' pages are used: what is written for sellers stays with them.
"""

from __future__ import annotations

from assistant.answer import Citation, Statement
from assistant.briefing.model import Briefing

_SOCIAL_CHARACTERS = 280  # of a post on the networks that allow least
_ROLES = ("story", "how", "car", "fits", "hook")
_PARAGRAPHS = ("story", "how", "car", "fits")
_SENTENCES_A_PARAGRAPH = 3


def social_reply(briefing: Briefing, public_url: str) -> str:
    """Return the first sentences that fit 280 characters beside the link to the page they come from."""
    told = [pair for role in _ROLES for pair in _for_customers(briefing, role)]
    for place, (statement, citation) in enumerate(told):
        link = _link(citation, public_url)
        left = _SOCIAL_CHARACTERS - len(link) - 1
        if len(statement.text) > left:
            continue
        text = statement.text
        for more, source in told[place + 1 :]:
            if source is not citation or len(text) + 1 + len(more.text) > left:
                break
            text += f" {more.text}"
        return f"{text} {link}"
    return _link(briefing.citations[0], public_url) if briefing.citations else ""


def follow_up(briefing: Briefing, public_url: str) -> str:
    """Return an e-mail: subject, greeting, what was talked about in the pages' own sentences, the pages to read on."""
    phrases = briefing.phrases
    lines = [phrases["mail-subject"].format(car=briefing.car), "", phrases["mail-greeting"], "", phrases["mail-opening"]]
    links: dict[str, str] = {}
    for role in _PARAGRAPHS:
        told = _for_customers(briefing, role)[:_SENTENCES_A_PARAGRAPH]
        if told:
            lines += ["", " ".join(statement.text for statement, _ in told)]
            links |= {
                citation.chunk.document_id: f"{citation.chunk.title}: {_link(citation, public_url)}" for _, citation in told
            }
    return "\n".join([*lines, "", phrases["mail-pages"], *links.values(), "", phrases["mail-closing"]])


def _for_customers(briefing: Briefing, role: str) -> list[tuple[Statement, Citation]]:
    by_number = {citation.n: citation for citation in briefing.citations}
    statements = [statement for section in briefing.sections if section.role == role for statement in section.statements]
    pairs = [(statement, by_number[statement.citations[0]]) for statement in statements]
    return [(statement, citation) for statement, citation in pairs if citation.chunk.audience == "customer"]


def _link(citation: Citation, public_url: str) -> str:
    return f"{public_url.rstrip('/')}/passages/{citation.chunk.id}"
