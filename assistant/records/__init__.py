"""What is kept: conversations, ratings, hand-overs, users. The only package that knows SQLAlchemy."""

from assistant.records.store import Handover, HandoverState, Rating, RecordedTurn, Records

__all__ = ["Handover", "HandoverState", "Rating", "RecordedTurn", "Records"]
