"""Every kind of question: good, bad and odd input, and nothing typed is lost."""

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewflow.web.base_form import BaseForm
from reviewflow.web.fields import EmailField, PasswordField, RowForm, RowsField, TextField
from tests.pages.gallery import EventRow, EverythingForm, make_gallery
from tests.pages.reading import by_id, read_our_page, summary, words

GOOD = {
    "title": "A boy aged 4",
    "email": "ada@example.org",
    "number": "2",
    "summary": "\nHe was found\n    by a neighbour.",
    "story": "",
    "known_on-day": "10",
    "known_on-month": "12",
    "known_on-year": "2026",
    "sent_at-day": "10",
    "sent_at-month": "july",
    "sent_at-year": "2026",
    "sent_at-time": "2:05pm",
    "starts_at": "9:30am",
    "harm": "neglect",
    "agencies": ["health", "school"],
    "lead": "2",
    "safe": "no",
    "ethnicity": "known",
    "ethnicity-value": "White British",
    "religion": "not_yet_obtained",
    "events-0-event": "Seen at clinic",
    "events-0-on-day": "1",
    "events-0-on-month": "6",
    "events-0-on-year": "2026",
    "events-0-seen": "yes",
    "events-3-event": "",
    "version_seen": "7",
}
ROW = {name: text for name, text in GOOD.items() if name.startswith("events-0")}
SINGLE = sorted(set(GOOD) - {"agencies"})


APP = make_gallery()


@pytest.fixture
def client():
    return APP.test_client()


def unexpected(name):
    return f"This page sent something we did not expect ({name}). Nothing was saved."


def refused(client, **changes):
    """The error summary after sending a good form with these changes; None leaves a name out."""
    data = {name: value for name, value in (GOOD | changes).items() if value is not None}
    answer = client.post("/form", data=data)
    assert answer.status_code == 400, answer.text
    return summary(read_our_page(answer.text))


def test_good_answers_come_out_fit_for_json(client):
    answer = client.post("/form", data=GOOD)

    assert answer.status_code == 200, answer.text
    answers = answer.get_json()
    assert answers.pop("typed")["summary"] == ["\nHe was found\n    by a neighbour."]
    assert answers == {
        "title": "A boy aged 4",
        "email": "ada@example.org",
        "number": 2,
        "summary": "\nHe was found\n    by a neighbour.",
        "story": None,
        "known_on": "2026-12-10",
        "meeting_on": None,
        "sent_at": "2026-07-10T13:05:00+00:00",
        "starts_at": "09:30",
        "harm": "neglect",
        "agencies": ["school", "health"],
        "lead": "2",
        "safe": "no",
        "ethnicity": {"known": "White British"},
        "religion": {"not_known": "not_yet_obtained"},
        "born": None,
        "events": [{"on": "2026-06-01", "event": "Seen at clinic", "seen": "yes"}],
    }


def test_an_empty_form_says_everything_that_is_missing(client):
    answer = client.post("/form", data={"version_seen": "7"})

    assert answer.status_code == 400
    assert summary(read_our_page(answer.text)) == [
        ("Enter title", "title"),
        ("Enter email address", "email"),
        ("Enter number of children", "number"),
        ("Enter summary", "summary"),
        ("Enter day the council became aware", "known_on-day"),
        ("Answer “When was it sent?”", "sent_at-day"),
        ("Enter start of the meeting", "starts_at"),
        ("Choose kind of harm", "harm"),
        ("Choose agencies that know the family", "agencies"),
        ("Choose lead agency", "lead"),
        ("Answer “Are the other children safe?”", "safe"),
        ("Choose ethnicity", "ethnicity"),
        ("Choose religion", "religion"),
    ]


@pytest.mark.parametrize(
    ("changes", "sentence", "target"),
    [
        ({"title": "x" * 61}, "Title must be 60 characters or fewer. It now has 61", "title"),
        ({"title": "two\nlines"}, "Title must be on one line", "title"),
        ({"email": "ada"}, "Email address must be an email address, such as name@example.org", "email"),
        ({"number": "13"}, "Number of children must be between 1 and 12", "number"),
        ({"number": "two"}, "Number of children must be a whole number, such as 1", "number"),
        ({"summary": "w " * 51}, "Summary must be 50 words or fewer. It now has 51", "summary"),
        ({"story": "s" * 2001}, "Story must be 2,000 characters or fewer. It now has 2,001", "story"),
        ({"known_on-year": ""}, "Day the council became aware must include a year", "known_on-year"),
        ({"known_on-month": None}, "Day the council became aware must include a month", "known_on-month"),
        (
            {"known_on-day": "22"},
            "Day the council became aware must be today or in the past",
            "known_on-day",
        ),
        (
            {"meeting_on-day": "20", "meeting_on-month": "12", "meeting_on-year": "2026"},
            "Day of the meeting must be today or in the future",
            "meeting_on-day",
        ),
        ({"sent_at-time": ""}, "“When was it sent?” must include a time, such as 14:05", "sent_at-time"),
        (
            {"sent_at-time": "27"},
            "“When was it sent?” must be a time, such as 14:05 or 2:05pm",
            "sent_at-time",
        ),
        (
            {"sent_at-day": "21", "sent_at-month": "12", "sent_at-time": "14:06"},
            "“When was it sent?” must be now or in the past",
            "sent_at-day",
        ),
        ({"starts_at": "soon"}, "Start of the meeting must be a time, such as 14:05 or 2:05pm", "starts_at"),
        ({"harm": "other"}, "Kind of harm: choose one of the answers offered", "harm"),
        (
            {"agencies": ["school", "other"]},
            "Agencies that know the family: choose from the answers offered",
            "agencies",
        ),
        ({"lead": "9"}, "Lead agency: choose one of the answers offered", "lead"),
        ({"safe": "maybe"}, "“Are the other children safe?”: choose yes or no", "safe"),
        ({"ethnicity": "perhaps"}, "Ethnicity: choose one of the answers offered", "ethnicity"),
        ({"ethnicity-value": ""}, "Enter ethnicity as recorded", "ethnicity-value"),
        (
            {"ethnicity": "refused"},
            "Ethnicity: you chose “Refused”, but an answer is typed too."
            " Choose “Known” to keep it, or clear it",
            "ethnicity",
        ),
        (
            {"religion": "known", "religion-value": "x"},
            "Religion as recorded: choose one of the answers offered",
            "religion-value",
        ),
        (
            {"born": "known", "born-value-day": "1", "born-value-year": "2020"},
            "Birth date must include a month",
            "born-value-month",
        ),
        ({"events-0-on-day": ""}, "Event 1: Date must include a day", "events-0-on-day"),
        ({"events-7-seen": "yes"}, "Event 3: Enter date", "events-7-on-day"),
        ({"version_seen": ""}, "This page was incomplete. Open it again", ""),
        ({"summary": "A boy aged 4"}, "Summary must say more than the title", "summary"),
        (
            {"title": "the boy\0"},
            "Title had a hidden character after “the boy”. We have taken it out."
            " Check the text and send it again",
            "title",
        ),
        (
            {"known_on-day": "1\u202e0"},
            "Day the council became aware had a hidden character after “1”."
            " We have taken it out. Check the text and send it again",
            "known_on-day",
        ),
        ({"surprise": "1"}, unexpected("surprise"), ""),
        ({"letter": "no file"}, unexpected("letter"), ""),
        ({"events-0-other": "1"}, unexpected("events-0-other"), ""),
        ({"events-1000-event": "1"}, unexpected("events-1000-event"), ""),
        ({"title": ["one", "two"]}, "This page sent the same thing twice (title). Nothing was saved.", ""),
    ],
)
def test_bad_input_is_refused_with_a_sentence_that_leads_to_its_place(client, changes, sentence, target):
    errors = refused(client, **changes)

    assert (sentence, target) in errors
    if target and sentence.partition(":")[0] != "Event 3":
        assert len(errors) == 1, errors


@pytest.mark.parametrize("name", SINGLE)
def test_a_name_sent_twice_or_four_times_is_refused_and_never_breaks(client, name):
    for times in (2, 4):
        sentences = [text for text, _ in refused(client, **{name: [GOOD[name] or "x"] * times})]

        assert f"This page sent the same thing twice ({name}). Nothing was saved." in sentences


@pytest.mark.parametrize("name", [*SINGLE, "agencies"])
def test_a_name_left_out_never_breaks(client, name):
    answer = client.post("/form", data={n: v for n, v in GOOD.items() if n != name})

    assert answer.status_code in (200, 400)
    read_our_page(answer.text) if answer.status_code == 400 else None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from([*SINGLE, "agencies", "then", "events-2-on-day", "born", "born-value-year"]),
        st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=30), min_size=1, max_size=4),
        max_size=8,
    )
)
def test_no_input_breaks_a_form_or_its_page(changes):
    answer = APP.test_client().post("/form", data=GOOD | changes)

    assert answer.status_code in (200, 400)
    if "html" in answer.content_type:
        read_our_page(answer.text)


def test_what_was_typed_is_still_there_when_it_is_refused(client):
    typed = {
        "events-0-event": "\nSeen\n  at clinic",
        "title": "T <b>&\"'",
        "summary": "\n\n  one\n    two </textarea> & three",
        "known_on-day": "32",
    }
    chosen = {"harm": "abuse", "agencies": ["school"], "lead": "3", "safe": "yes", "religion": "refused"}

    answer = client.post("/form", data=GOOD | typed | chosen | {"number": "x", "sent_at-time": "half two"})

    root = read_our_page(answer.text)
    assert by_id(root, "title").get("value") == "T <b>&\"'"
    assert by_id(root, "summary").text == "\n\n  one\n    two </textarea> & three"
    assert by_id(root, "known_on-day").get("value") == "32"
    assert by_id(root, "number").get("value") == "x"
    assert by_id(root, "sent_at-time").get("value") == "half two"
    assert by_id(root, "events-0-event").text == "\nSeen\n  at clinic"
    ticked = {(e.get("name"), e.get("value")) for e in root.iter("input") if e.get("checked") is not None}
    assert ticked == {
        ("harm", "abuse"),
        ("agencies", "school"),
        ("safe", "yes"),
        ("ethnicity", "known"),
        ("religion", "refused"),
        ("events-0-seen", "yes"),
    }
    lead = by_id(root, "lead")
    assert [words(option) for option in lead.iter("option") if option.get("selected") is not None] == [
        "Kent Police"
    ]
    assert [group.get("label") for group in lead.iter("optgroup")] == ["Essex"]


def test_an_error_shows_in_the_title_beside_the_question_and_first_on_the_page(client):
    answer = client.post("/form", data=GOOD | {"title": ""})

    root = read_our_page(answer.text)
    assert root.find("head/title").text == "Error: Every kind of question – ReviewFlow"
    assert words(by_id(root, "title-error")) == "Error: Enter title"
    assert by_id(root, "title").get("aria-describedby") == "title-error"
    main = next(root.iter("main"))
    assert "govuk-error-summary" in main[0].get("class")


def test_a_file_is_taken_and_asked_for_again_when_something_else_is_wrong(client):
    def letter():
        return {"letter": (io.BytesIO(b"%PDF"), "letter.pdf")}

    good = client.post("/form", data=GOOD | letter())
    bad = client.post("/form", data=GOOD | letter() | {"title": ""})

    assert good.status_code == 200
    assert "letter" not in good.get_json()
    assert summary(read_our_page(bad.text))[1] == (
        "Letter: choose the file again, because the page could not keep it",
        "letter",
    )


def test_two_files_where_one_is_asked_are_refused(client):
    two = [(io.BytesIO(b"1"), "one.pdf"), (io.BytesIO(b"2"), "two.pdf")]

    answer = client.post("/form", data=GOOD | {"letter": two})

    assert "This page sent the same thing twice (letter)" in answer.text


def test_a_file_in_the_place_of_text_is_refused(client):
    answer = client.post("/form", data=GOOD | {"title": (io.BytesIO(b"1"), "one.pdf")})

    assert answer.status_code == 400
    assert "something we did not expect (title)" in answer.text


def test_another_row_is_added_and_nothing_typed_is_lost(client):
    answer = client.post("/form", data=GOOD | {"then": "add:events", "title": "", "number": "x"})

    root = read_our_page(answer.text)
    assert answer.status_code == 200
    assert summary(root) == []
    assert by_id(root, "number").get("value") == "x"
    assert by_id(root, "events-0-event").text == "Seen at clinic"
    assert by_id(root, "events-4-event").text is None


def test_a_row_is_removed_and_the_others_stay(client):
    answer = client.post("/form", data=GOOD | {"then": "remove:events:0", "events-3-event": "kept"})

    root = read_our_page(answer.text)
    assert "Seen at clinic" not in answer.text
    assert by_id(root, "events-3-event").text == "kept"


@pytest.mark.parametrize(
    "then", ["remove:events:99", "remove:events:x", "remove:title", "add:nothing", "add", "²", "send"]
)
def test_an_odd_button_never_breaks(client, then):
    assert client.post("/form", data=GOOD | {"then": then}).status_code == 200


def test_too_many_rows_are_refused_and_all_of_them_are_still_there(client):
    rows = {f"events-{n}-event": f"Event number {n}" for n in range(31)}

    answer = client.post("/form", data=GOOD | rows)

    assert "Chronology: give at most 30. There are 31" in answer.text
    assert by_id(read_our_page(answer.text), "events-30-event").text == "Event number 30"


def test_a_megabyte_of_text_is_refused_with_a_sentence_and_kept(client):
    text = "It rained. " * 95_000

    answer = client.post("/form", data=GOOD | {"story": text})

    root = read_our_page(answer.text)
    assert summary(root) == [("Story must be 2,000 characters or fewer. It now has 1,044,999", "story")]
    assert by_id(root, "story").text == text.rstrip()


def test_a_draft_shows_the_page_again_just_as_it_was(client):
    client.post("/draft", data=GOOD | {"known_on-day": "32", "number": "many", "title": "nul\0"})

    root = read_our_page(client.get("/again").text)
    assert summary(root) == []
    assert by_id(root, "title").get("value") == "nul"
    assert by_id(root, "known_on-day").get("value") == "32"
    assert by_id(root, "number").get("value") == "many"
    assert by_id(root, "events-0-event").text == "Seen at clinic"


def test_stored_answers_fill_the_page_and_come_out_the_same(client):
    answers = client.post("/form", data=GOOD).get_json()
    typed = answers.pop("typed")

    root = read_our_page(client.post("/stored", json=answers).text)

    shown = {e.get("name"): e.get("value") for e in root.iter("input") if e.get("type") == "text"}
    assert shown["sent_at-time"] == "14:05"
    assert shown["known_on-month"] == "12"
    assert shown["ethnicity-value"] == "White British"
    assert by_id(root, "summary").text == "\nHe was found\n    by a neighbour."
    with APP.test_request_context():
        form = EverythingForm(formdata=None, answers=answers)
        assert form.answers() == answers
        assert json.loads(json.dumps(form.typed()))["events-0-on-day"] == typed["events-0-on-day"]


def test_a_choice_set_on_the_form_after_it_is_made_counts():
    with APP.test_request_context("/form", method="POST", data=GOOD | {"agencies": "police"}):
        form = EverythingForm()
        form.agencies.choices = {"police": "Police"}

        assert form.validate(), form.errors
        assert form.answers()["agencies"] == ["police"]


def test_a_refusal_from_elsewhere_is_shown_first():
    with APP.test_request_context("/form", method="POST", data=GOOD):
        form = EverythingForm()
        form.validate()
        form.refuse(None, "Somebody else has ratified this.", "The meeting was not quorate.")
        form.refuse("title", "Title is taken")

        assert form.error_summary() == [
            {"text": "Somebody else has ratified this."},
            {"text": "The meeting was not quorate."},
            {"text": "Title is taken", "href": "#title"},
        ]


def test_enter_presses_the_button_that_sends(client):
    root = read_our_page(client.get("/form").text)
    form = next(f for f in root.iter("form") if f.get("data-action") == "try_everything")
    first = next(form.iter("button"))

    assert (first.get("name"), first.get("value")) == ("then", "send")
    assert form.get("enctype") == "multipart/form-data"
    assert form.get("data-draft-url") == "/draft"


def test_no_row_is_added_beyond_the_most_that_are_taken(client):
    rows = {f"events-{n}-event": f"Event number {n}" for n in range(30)}

    answer = client.post("/form", data=GOOD | rows | {"then": "add:events"})

    assert "Event number 29" in answer.text
    assert "events-30-event" not in answer.text
    assert "Add another event" not in answer.text


def test_fewer_rows_than_are_asked_for_are_refused():
    class Form(BaseForm):
        events = RowsField(EventRow, "Events", one="event", least=2)

    with APP.test_request_context("/", method="POST", data=ROW):
        form = Form()

        assert len(form.events.rows) == 2
        assert not form.validate()
        assert form.error_summary() == [{"text": "Events: give at least 2", "href": "#events-0-on-day"}]


def test_a_day_in_a_row_is_held_to_the_day_of_the_form(client):
    assert refused(client, **{"events-0-on-year": "2027"}) == [
        ("Event 1: Date must be today or in the past", "events-0-on-day")
    ]


def test_a_password_is_taken_as_it_is_and_never_shown_kept_or_answered():
    class Form(BaseForm):
        password = PasswordField("Password", new=True, limit=20)

    for sent, errors in (
        (" two  blanks ", []),
        ("x" * 21, ["Password must be 20 characters or fewer. It now has 21"]),
        ("", ["Enter password"]),
    ):
        with APP.test_request_context("/", method="POST", data={"password": sent}):
            form = Form()
            form.validate()

            assert form.password.errors == errors
            assert form.password.data == (None if errors else sent)
            assert form.typed() == form.answers() == {}
            assert "blanks" not in form.password()
            assert 'autocomplete="new-password"' in form.password()


def test_what_the_browser_may_fill_in_is_named():
    class Form(BaseForm):
        email = EmailField("Email address", autocomplete="username")
        other = EmailField("Their email address")

    with APP.test_request_context("/"):
        form = Form()

        assert 'autocomplete="username"' in form.email()
        assert "autocomplete" not in form.other()


@pytest.mark.parametrize("then", ["save", "send", None, "odd", "add:title", "remove:nothing:0"])
def test_the_button_says_whether_to_keep_or_to_send(then):
    with APP.test_request_context("/form", method="POST", data=GOOD | ({"then": then} if then else {})):
        form = EverythingForm()

        assert form.only_saves == (then == "save")
        assert not form.only_changes_rows


@pytest.mark.parametrize("name", ["index", "now", "answers"])
def test_a_question_of_a_row_cannot_take_a_name_the_row_needs(name):
    with pytest.raises(TypeError, match=name):
        type("Row", (RowForm,), {name: TextField("Words")})


@pytest.mark.parametrize("name", ["answers", "now", "check", "then", "csrf_token", "data"])
def test_a_question_cannot_take_a_name_the_form_needs(name):
    with pytest.raises(TypeError, match=name):
        type("Form", (BaseForm,), {name: TextField("Words")})
