"""Tells another system of a hand-over, as the operator's settings ask; the inbox has it whatever that system says."""

from __future__ import annotations

import logging

import httpx

_log = logging.getLogger(__name__)
_SECONDS = 5.0


def tell(address: str, number: str, summary: str) -> None:
    """Post a hand-over as JSON. A system that fails is logged by its kind of failure, never with the text or the address."""
    try:
        httpx.post(
            address, json={"handover_id": number, "state": "open", "summary": summary}, timeout=_SECONDS
        ).raise_for_status()
    except httpx.HTTPError as error:
        _log.warning("Hand-over %s was not taken by the webhook (%s); it is in the inbox.", number, type(error).__name__)
