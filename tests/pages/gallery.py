"""A page with every kind of question and every part, to look at and to test. No page of the product."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask, abort, flash, redirect, request
from jinja2 import DictLoader
from werkzeug.wrappers import Response

from reviewflow.app import create_app
from reviewflow.settings import Settings
from reviewflow.web.base_form import BaseForm
from reviewflow.web.fields import (
    Choice,
    ChoiceField,
    ChoicesField,
    DateField,
    DateTimeField,
    EmailField,
    FileField,
    HiddenField,
    KnownOrNot,
    ParagraphField,
    RowForm,
    RowsField,
    SelectField,
    TextField,
    TimeField,
    WholeNumberField,
    YesNoField,
)
from reviewflow.web.page import (
    Link,
    Nav,
    NavLink,
    Page,
    Strip,
    StripDay,
    Task,
    TimelineEntry,
    offer_navigation,
    show,
)
from reviewflow.web.signed_in import open_to_all

NOW = datetime(2026, 12, 21, 14, 5, tzinfo=UTC)

TEMPLATES = {
    "gallery/form.html": """{% extends "layout.html" %}{% from "parts/form.html" import form_of %}
{% block main %}{{ form_of(page.form, "try_everything", button="Send", draft_url="/draft") }}
{% endblock %}""",
    "gallery/parts.html": """{% extends "layout.html" %}
{% from "parts/strip.html" import day_strip %}{% from "parts/timeline.html" import timeline %}
{% from "parts/tags.html" import tag %}{% from "parts/tasks.html" import task_list %}
{% from "parts/tables.html" import board, facts %}{% from "parts/pager.html" import pager %}
{% from "parts/dates.html" import on, at %}
{% block main %}
  {{ day_strip(strip) }}
  {{ board("Open reviews", ["Case", "Day", "Stage", "Slack", "Waiting for"], [
      ["ESX-2026-001", "9 of 15", "Gathering what agencies know", tag("1 day", "risk"), "Southbank School"],
      ["ESX-2026-002", "16 of 15", "Awaiting ratification", tag("Overdue", "late"), "Police lead"]]) }}
  {{ facts("The case", [["Reference", "ESX-2026-001"], ["Due", on(strip.days[14].on)]]) }}
  <h2 class="govuk-heading-m">To do</h2>
  {{ task_list(tasks, "tasks") }}
  <h2 class="govuk-heading-m">What happened</h2>
  {{ timeline(entries) }}
  {{ pager(previous="/parts?before=a", next="/parts?after=b", what="Cases") }}
{% endblock %}
{% block aside %}<p class="govuk-body">Beside: {{ at(entries[0].at) }}</p>{% endblock %}""",
}


class EventRow(RowForm):
    """One row of a chronology."""

    on = DateField("Date", future=False)
    event = ParagraphField("What happened", rows=3, limit=500)
    seen = YesNoField("Was the child seen?", required=False)


class EverythingForm(BaseForm):
    """One question of every kind."""

    title = TextField("Title", limit=60)
    email = EmailField("Email address")
    number = WholeNumberField("Number of children", least=1, most=12)
    summary = ParagraphField("Summary", words=50, hint="What happened, in your own words")
    story = ParagraphField("Story", limit=2000, required=False)
    known_on = DateField("Day the council became aware", future=False)
    meeting_on = DateField("Day of the meeting", past=False, required=False)
    sent_at = DateTimeField("When was it sent?", future=False)
    starts_at = TimeField("Start of the meeting")
    harm = ChoiceField(
        "Kind of harm", [Choice("abuse", "Abuse", hint="Done to the child"), Choice("neglect", "Neglect")]
    )
    agencies = ChoicesField("Agencies that know the family", {"school": "School", "health": "Health"})
    lead = SelectField(
        "Lead agency",
        [
            Choice("1", "Police", group="Essex"),
            Choice("2", "Council", group="Essex"),
            Choice("3", "Kent Police"),
        ],
    )
    safe = YesNoField("Are the other children safe?")
    ethnicity = KnownOrNot(TextField("Ethnicity as recorded"), "Ethnicity")
    religion = KnownOrNot(SelectField("Religion as recorded", {"none": "None", "other": "Other"}), "Religion")
    born = KnownOrNot(DateField("Birth date", future=False), "When was the child born?", required=False)
    letter = FileField("Letter", required=False)
    events = RowsField(EventRow, "Chronology", one="event", most=30)
    version_seen = HiddenField(default="7")

    def check(self) -> None:
        """One comparison, so that there is one to test."""
        if self.title.data == self.summary.data:
            self.refuse("summary", "Summary must say more than the title")


def make_gallery(
    clock: Callable[[], datetime] = lambda: NOW, *, csrf: bool = False, https: bool = False
) -> Flask:
    """The service with the gallery's pages: /form, /parts, and addresses that fail in each way."""
    settings = Settings(
        secret_key="a-key-for-tests-only-0123456789abcdef",
        data_folder=Path("unused"),
        database_url="sqlite://",
        public_url="https://reviews.example" if https else "http://127.0.0.1:8000",
    )
    app = create_app(settings, clock)
    app.config["WTF_CSRF_ENABLED"] = csrf
    app.jinja_env.loader.loaders.append(DictLoader(TEMPLATES))
    links = [NavLink(text=text, href=f"/{text}", active=text == "Cases") for text in NAMES]
    warning = "Alerts are delayed. Look at Your work for what is due."
    nav = Nav(links=links, home="/form", person="Ada Marsh", sign_out="/sign-out", warning=warning)
    offer_navigation(app, lambda: nav)
    of_the_product = set(app.view_functions)
    _add_form(app)
    _add_failures(app)
    for name in set(app.view_functions) - of_the_product:
        open_to_all(app.view_functions[name])
    return app


NAMES = ("Your work", "Board", "Cases", "Calendar", "People", "Mail")


def _add_form(app: Flask) -> None:
    @app.route("/form", methods=["GET", "POST"])
    def form() -> tuple[str, int] | Response:
        asked = EverythingForm()
        page = Page(
            name="gallery", title="Every kind of question", form=asked, back=Link(text="Back", href="/parts")
        )
        if asked.is_submitted() and not asked.only_changes_rows and asked.validate():
            return asked.answers() | {"typed": asked.typed()}
        return show("gallery/form.html", page)

    @app.post("/draft")
    def draft() -> dict[str, str]:
        app.extensions["gallery.draft"] = EverythingForm().typed()
        return {"saved_at": NOW.isoformat()}

    @app.get("/again")
    def again() -> tuple[str, int]:
        asked = EverythingForm(typed=app.extensions["gallery.draft"])
        return show("gallery/form.html", Page(name="gallery", title="Again", form=asked))

    @app.post("/stored")
    def stored() -> tuple[str, int]:
        asked = EverythingForm(formdata=None, answers=request.get_json())
        return show("gallery/form.html", Page(name="gallery", title="Stored", form=asked))

    @app.get("/parts")
    def parts() -> tuple[str, int]:
        flash("The draft is saved.", "success")
        page = Page(name="parts", title="Every part", caption="ESX-2026-001", wide=True)
        return show("gallery/parts.html", page, strip=make_strip(), tasks=TASKS, entries=ENTRIES)


def _add_failures(app: Flask) -> None:
    @app.get("/fails/<int:code>")
    def fails(code: int) -> None:
        abort(code)

    @app.get("/breaks")
    def breaks() -> None:
        raise RuntimeError("a child's name")

    @app.get("/elsewhere")
    def elsewhere() -> Response:
        return redirect("/form")


def make_strip() -> Strip:
    """Fifteen days, the ninth of them today."""
    days = []
    on = date(2026, 12, 9)
    for number in range(1, 16):
        on += timedelta(days=1 if on.weekday() < 4 else 3)
        state = "done" if number < 9 else "today" if number == 9 else "ahead"
        days.append(
            StripDay(
                number=number, on=on, state=state, milestone={7: "Returns", 10: "Meeting"}.get(number, "")
            )
        )
    return Strip(title="Rapid review", words=f"Day 9 of 15. Due on {on:%d %B %Y}.", days=days)


TASKS = [
    Task(title="Read the pack", status="Due today", href="/parts", tone="late", hint="12 pages"),
    Task(title="Sign the return", status="Done"),
    Task(title="Ask the archive", status="Waiting", tone="waiting", href="/parts"),
]
ENTRIES = [
    TimelineEntry(
        title="Serious incident notified to the Panel",
        by="Ada Marsh, Essex County Council",
        at=NOW,
        words="Sent.\nRef 7.",
    ),
    TimelineEntry(
        title="Incident referred", by="Ben Holt, Southbank School", at=NOW - timedelta(days=3), href="/parts"
    ),
]
