"""The idea of a briefing in words that go to the customer: a social reply, or an e-mail after the visit.

Input: a `Briefing`. Output: text. Only sentences of customers' pages are used: what is written for sellers stays with them.
"""

from __future__ import annotations

from assistant.answer import Citation
from assistant.briefing.model import Briefing, Line

_SOCIAL_CHARACTERS = 280  # of a post on the networks that allow least
_ROLES = ("story", "how", "car", "fits", "hook")
_PARAGRAPHS = ("story", "how", "car", "fits")
_SENTENCES_A_PARAGRAPH = 3


def social_reply(briefing: Briefing, public_url: str) -> str:
    """Return the first sentences that fit 280 characters beside the link to the page they come from, if there is an address."""
    told = [pair for role in _ROLES for pair in _for_customers(briefing, role)]
    for place, (line, citation) in enumerate(told):
        link = _link(citation, public_url)
        left = _SOCIAL_CHARACTERS - len(link)
        if len(line.text) > left:
            continue
        text = line.text
        for more, source in told[place + 1 :]:
            if source is not citation or len(text) + 1 + len(more.text) > left:
                break
            text += f" {more.text}"
        return text + link
    return ""


def follow_up(briefing: Briefing, public_url: str) -> str:
    """Return an e-mail: subject, greeting, what was talked about in the pages' own sentences, the pages to read on."""
    phrases = briefing.phrases
    opening = phrases["mail-opening"].format(car=briefing.car)
    lines = [phrases["mail-subject"], "", phrases["mail-greeting"], "", opening]
    links: dict[str, str] = {}
    for role in _PARAGRAPHS:
        told = _for_customers(briefing, role)[:_SENTENCES_A_PARAGRAPH]
        if told:
            lines += ["", " ".join(line.text for line, _ in told)]
            links |= {one.chunk.document_id: f"{one.chunk.title}{_link(one, public_url)}" for _, one in told}
    return "\n".join([*lines, "", phrases["mail-pages"], *(f"- {row}" for row in links.values()), "", phrases["mail-closing"]])


def _for_customers(briefing: Briefing, role: str) -> list[tuple[Line, Citation]]:
    """Return the sentences of a part that stand on customers' pages; not what the car has not got: nobody writes to say that."""
    by_number = {citation.n: citation for citation in briefing.citations}
    lines = [line for section in briefing.sections if section.role == role for line in section.statements]
    silent = () if briefing.cushions == "with" else briefing.verdict.citations
    pairs = [(line, by_number[line.citations[0]]) for line in lines if line.citations[0] not in silent]
    return [(line, citation) for line, citation in pairs if citation.chunk.audience == "customer"]


def _link(citation: Citation, public_url: str) -> str:
    """Return the address of a passage after a space; nothing where the server has no public address."""
    return f" {public_url.rstrip('/')}/passages/{citation.chunk.id}" if public_url else ""
