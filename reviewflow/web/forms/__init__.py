"""The forms of the service, by the names that definitions call them."""

from __future__ import annotations

from reviewflow.web.forms import (
    deciding,
    meetings,
    notifying,
    panel,
    referral,
    referral_correction,
    requests,
    returns,
)
from reviewflow.web.forms.case_form import CaseForm
from reviewflow.web.forms.local import with_local_questions
from reviewflow.workflow.definition import Trigger

FORMS: dict[str, type[CaseForm]] = {
    # the referral and the notification
    "referral": referral.ReferralForm,
    "referral_correction": referral_correction.ReferralCorrectionForm,
    "joining": referral.JoiningForm,
    "immediate_action": referral.ImmediateActionForm,
    "action_done": referral.ActionDoneForm,
    "view_on_notifying": notifying.ViewOnNotifyingForm,
    "notification": notifying.NotificationForm,
    "not_notified": notifying.NotNotifiedForm,
    "late_letter": notifying.LateLetterForm,
    "conflict": notifying.ConflictForm,
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
    # the meeting and the analysis
    "meeting_plan": meetings.MeetingPlanForm,
    "meeting_record": meetings.MeetingRecordForm,
    "analysis": meetings.AnalysisForm,
    "comments_asked": meetings.CommentsAskedForm,
    "comment": meetings.CommentForm,
    # the decision
    "recommendation": deciding.RecommendationForm,
    "recommendation_taken_back": deciding.TakenBackForm,
    "ratification": deciding.RatificationForm,
    "return_with_reasons": deciding.ReturnForm,
    "question": deciding.QuestionForm,
    "question_answer": deciding.QuestionAnswerForm,
    "standing_aside": deciding.StandingAsideForm,
    # the Panel
    "submission": panel.SubmissionForm,
    "panel_chase": panel.PanelChaseForm,
    "panel_reply": panel.PanelReplyForm,
}


def form_for(trigger: Trigger) -> type[CaseForm]:
    """The form a trigger asks for: a named one, the definition's own questions, both, or just a button."""
    named = FORMS[trigger.form] if trigger.form else CaseForm
    return with_local_questions(named, trigger.asks)
