"""Requests to agencies for what they know, what came back, and the merged chronology."""

from reviewflow.requests.asking import answering, ask
from reviewflow.requests.tables import (
    OPEN,
    SETTLED,
    Chase,
    ChaseBy,
    ChildSeen,
    ChronologyRow,
    InformationRequest,
    Return,
    Standing,
)

__all__ = [
    "OPEN",
    "SETTLED",
    "Chase",
    "ChaseBy",
    "ChildSeen",
    "ChronologyRow",
    "InformationRequest",
    "Return",
    "Standing",
    "answering",
    "ask",
]
