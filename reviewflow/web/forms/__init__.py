"""The forms of the service, by the names that definitions call them."""

from __future__ import annotations

from reviewflow.web.forms.case_form import CaseForm
from reviewflow.web.forms.local import with_local_questions
from reviewflow.workflow.definition import Trigger

FORMS: dict[str, type[CaseForm]] = {}


def form_for(trigger: Trigger) -> type[CaseForm]:
    """The form a trigger asks for: a named one, the definition's own questions, both, or just a button."""
    named = FORMS[trigger.form] if trigger.form else CaseForm
    return with_local_questions(named, trigger.asks)
