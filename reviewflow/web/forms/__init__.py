"""The forms of the service, by the names that definitions call them."""

from __future__ import annotations

from reviewflow.web.forms import requests, returns
from reviewflow.web.forms.case_form import CaseForm
from reviewflow.web.forms.local import with_local_questions
from reviewflow.workflow.definition import Trigger

FORMS: dict[str, type[CaseForm]] = {
    # what agencies know
    "asked_agencies": requests.AskedAgenciesForm,
    "not_involved": returns.NotInvolvedForm,
    "passed_on": returns.PassedOnForm,
    "archived_records": returns.ArchivedRecordsForm,
    "secured_records": returns.SecuredRecordsForm,
    "partial_return": returns.PartialReturnForm,
    "agency_return": returns.AgencyReturnForm,
    "return_sign_off": returns.ReturnSignOffForm,
    "return_sent_back": returns.ReturnSentBackForm,
    "return_on_behalf": returns.ReturnOnBehalfForm,
    "chase": requests.ChaseForm,
    "gone_without": requests.GoneWithoutForm,
    "shared_pack": requests.SharedPackForm,
}


def form_for(trigger: Trigger) -> type[CaseForm]:
    """The form a trigger asks for: a named one, the definition's own questions, both, or just a button."""
    named = FORMS[trigger.form] if trigger.form else CaseForm
    return with_local_questions(named, trigger.asks)
