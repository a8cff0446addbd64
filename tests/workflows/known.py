"""The names that the definitions under `definitions/` may use, and where those files are."""

from pathlib import Path

from reviewflow.workflow.names import Form, Names

DEFINITIONS = Path(__file__).parent / "definitions"
FAULTS = DEFINITIONS / "faults"
WORKFLOWS = Path(__file__).parents[2] / "workflows"

NAMES = Names(
    guards={"everyone_was_asked", "took_no_part_in_the_recommendation", "meeting_was_quorate"},
    forms={
        "referral": Form(choices={"kind": ("incident", "other")}, facts=("incident_on",)),
        "decision": Form(choices={"outcome": ("go_on", "stop")}, facts=("decided_on",)),
        "naming": Form(fills=("lead",)),
        "ratification": Form(),
    },
    messages={"decision_needed", "review_finished"},
    documents={"report"},
    review_types={"follow-up", "small"},
    facts={"incident_on", "decided_on", "meeting_on"},
)
