"""Requests to agencies for what they know, what came back, and the merged chronology."""

from reviewflow.requests.asking import SHARED_ON, answering, ask
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
    "SHARED_ON",
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
