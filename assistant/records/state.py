"""A conversation's state as JSON and back."""

from __future__ import annotations

from typing import Any

from assistant.answer import Decision
from assistant.conversation import Conversation, Topic
from assistant.redaction import redact
from knowledge.document import Role
from knowledge.vehicles import Vehicle


def written(conversation: Conversation) -> dict[str, Any]:
    """Return what a later turn needs to know of a conversation, personal data taken out."""
    topic = conversation.topic
    return {
        "language": conversation.language,
        "vehicle": conversation.vehicle.as_json() if conversation.vehicle else None,
        "topic": topic
        and {
            "text": redact(topic.text),
            "features": topic.features,
            "roles": [[role.value, task, weight] for (role, task), weight in topic.roles.items()],
        },
        "decision": conversation.decision,
        "rule": conversation.rule,
        "choices": [vehicle.as_json() for vehicle in conversation.choices],
    }


def read(conversation_id: str, turn: int, state: dict[str, Any]) -> Conversation:
    """Return the conversation that `written` wrote after its turn number `turn`."""
    topic = state["topic"]
    return Conversation(
        id=conversation_id,
        turns=turn,
        language=state["language"],
        vehicle=Vehicle(**state["vehicle"]) if state["vehicle"] else None,
        topic=topic
        and Topic(
            text=topic["text"],
            features=topic["features"],
            roles={(Role(role), task): weight for role, task, weight in topic["roles"]},
        ),
        decision=Decision(state["decision"]) if state["decision"] else None,
        rule=state.get("rule"),  # turns recorded by earlier versions have none
        choices=tuple(Vehicle(**choice) for choice in state["choices"]),
    )
