"""People and agencies: who may look, who may change, what is registered, and what ends at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from reviewflow.alerts import Alert
from reviewflow.db import transaction
from reviewflow.people import Agency, Person, RegisterEntry, RoleHolding, register
from tests.making import Partnership, london, make_area, make_person
from tests.pages.reading import read_our_page, summary, words
from tests.pages.site import Site, open_site

NOW = london("2026-12-14 12:00")
NEW = {"name": "Lena Siskin", "email": "Lena.Siskin@school.example", "role": "agency_contact"}
TODAY = {"from_on-day": "14", "from_on-month": "12", "from_on-year": "2026"}


@pytest.fixture
def site(database_url: str, partnership: Partnership, tmp_path: Path) -> Iterator[Site]:
    site = open_site(partnership, database_url, tmp_path)
    site.at = NOW
    yield site
    site.engine.dispose()


@pytest.fixture
def school(partnership: Partnership) -> str:
    return partnership.agencies["Marsh Lane Primary School"].public_id


def entries(site: Site) -> list[RegisterEntry]:
    with site.partnership.sessions() as session:
        assert list(register.faults(session)) == []
        return list(session.scalars(select(RegisterEntry).order_by(RegisterEntry.number)))


def page_of(person: Person, *more: str) -> str:
    return "/".join(("/people", person.public_id, *more))


def holding_of(site: Site, person: Person) -> RoleHolding:
    with site.partnership.sessions() as session:
        return session.scalars(select(RoleHolding).where(RoleHolding.person_id == person.id)).one()


def sentences(html: str) -> list[str]:
    return [text for text, _ in summary(read_our_page(html))]


# Looking


def test_the_list_shows_the_people_of_ones_own_area(site: Site, partnership: Partnership) -> None:
    shown = words(read_our_page(site.browser("Viola").get("/people").text))

    assert "Ines Lapwing" in shown
    assert "Safeguarding business unit Coordinator ines.lapwing@" in shown
    assert "Bryony Knot" not in shown


def test_the_list_is_filtered_by_agency_role_and_area(
    site: Site, partnership: Partnership, school: str
) -> None:
    browser = site.browser("Viola")

    by_agency = words(read_our_page(browser.get(f"/people?agency={school}").text))
    by_role = words(read_our_page(browser.get("/people?role=ratifier").text))
    by_nothing = words(read_our_page(browser.get(f"/people?agency={school}&role=ratifier").text))

    assert "Amos Bittern" in by_agency
    assert "Ines Lapwing" not in by_agency
    assert "Gwen Osprey" in by_role
    assert "Ines Lapwing" not in by_role
    assert "Nobody fits all of this" in by_nothing


def test_a_long_list_is_paged_there_and_back(site: Site, partnership: Partnership) -> None:
    with transaction(site.partnership.sessions) as session:
        for number in range(45):
            make_person(session, f"Zoe {number:02}", "member", area=partnership.areas["Essex"])
    browser = site.browser("Viola")

    first = browser.get("/people?role=member").text
    second = browser.get(link(first, "next")).text
    back = browser.get(link(second, "prev")).text

    assert names(first)[0] == "Hugo Plover"
    assert len(names(first)) == 30
    assert len(names(second)) == 17
    assert names(second)[-1] == "Zoe 44"
    assert 'rel="next"' not in second
    assert names(back) == names(first)
    assert 'rel="prev"' not in back


def link(html: str, rel: str) -> str:
    return next(a for a in read_our_page(html).iter("a") if a.get("rel") == rel).get("href")


def names(html: str) -> list[str]:
    heads = (th for th in read_our_page(html).iter("th") if th.get("role") == "rowheader")
    return [next(th.iter("a")).text for th in heads]


def test_a_person_of_another_area_is_not_there(site: Site, partnership: Partnership) -> None:
    browser = site.browser("Viola")

    assert browser.get(page_of(partnership["Bryony"])).status_code == 404
    assert browser.post(page_of(partnership["Bryony"], "leave")).status_code == 404


def test_a_coordinator_sees_people_and_no_way_to_change_them(site: Site, partnership: Partnership) -> None:
    shown = site.browser("Ines").get(page_of(partnership["Hugo"])).text

    assert "give-role" not in shown
    assert "/end" not in shown


# Inviting


def test_an_invited_person_has_a_role_a_mail_and_two_entries(
    site: Site, partnership: Partnership, school: str
) -> None:
    answer = site.browser("Viola").post("/people/invite", data=NEW | {"agency": school})

    assert answer.status_code == 303
    with site.partnership.sessions() as session:
        lena = session.scalars(select(Person).where(Person.name == "Lena Siskin")).one()
        alert = session.scalars(select(Alert)).one()
    assert lena.email == "lena.siskin@school.example"
    assert holding_of(site, lena).role == "agency_contact"
    assert (alert.message, alert.person_id) == ("invitation", lena.id)
    assert alert.variables["agency"] == "Marsh Lane Primary School"
    assert [one.what for one in entries(site)] == ["person added", "role given"]
    assert {one.actor_id for one in entries(site)} == {partnership["Viola"].id}


def test_an_address_in_use_is_refused_and_everything_typed_is_kept(
    site: Site, partnership: Partnership, school: str
) -> None:
    data = NEW | {"agency": school, "email": "AMOS.bittern@marsh-lane-school.example"}

    answer = site.browser("Viola").post("/people/invite", data=data)

    assert answer.status_code == 409
    assert sentences(answer.text) == [
        "Somebody with this email address is here already. Look for them in the list"
    ]
    assert 'value="Lena Siskin"' in answer.text
    assert entries(site) == []


def test_a_coordinator_invites_for_agencies_and_into_no_other_role(
    site: Site, partnership: Partnership, school: str
) -> None:
    browser = site.browser("Ines")

    refused = browser.post("/people/invite", data=NEW | {"agency": school, "role": "ratifier"})
    invited = browser.post("/people/invite", data=NEW | {"agency": school})

    assert sentences(refused.text) == ["Role: choose one of the answers offered"]
    assert invited.status_code == 303


def test_a_coordinator_who_administers_elsewhere_gains_nothing_here(
    site: Site, partnership: Partnership, school: str
) -> None:
    with transaction(site.partnership.sessions) as session:
        both = make_person(session, "Both Ways", "coordinator", area=partnership.areas["Essex"])
        session.add(
            RoleHolding(
                person_id=both.id,
                role="administrator",
                area_id=partnership.areas["Thurrock"].id,
                from_on=date(2026, 1, 1),
            )
        )
    partnership.people["Both"] = both
    browser = site.browser("Both")

    refused = browser.post("/people/invite", data=NEW | {"agency": school, "role": "ratifier"})

    assert refused.status_code == 400
    assert browser.post(page_of(partnership["Hugo"], "give-role")).status_code == 404
    assert "give-role" not in browser.get(page_of(partnership["Hugo"])).text


def test_an_invitation_is_sent_again_until_there_is_a_password(site: Site, partnership: Partnership) -> None:
    browser = site.browser("Viola")

    assert browser.post(page_of(partnership["Hugo"], "invite-again")).status_code == 303
    with transaction(site.partnership.sessions) as session:
        session.get_one(Person, partnership["Hugo"].id).password_hash = "chosen"

    assert browser.post(page_of(partnership["Hugo"], "invite-again")).status_code == 409


# Roles


def test_a_role_given_ends_the_sign_ins_and_is_registered(site: Site, partnership: Partnership) -> None:
    hugo = site.browser("Hugo")
    given = {"role": "coordinator", **TODAY}

    answer = site.browser("Viola").post(page_of(partnership["Hugo"], "give-role"), data=given)

    assert answer.status_code == 303
    assert hugo.get("/people").location.startswith("/sign-in")
    assert entries(site)[0].details == {
        "person": partnership["Hugo"].public_id,
        "role": "coordinator",
        "area": "ESX",
        "from": "2026-12-14",
        "until": None,
    }
    assert site.browser("Hugo").get("/people").status_code == 200


def test_a_role_planned_ahead_counts_from_its_day(site: Site, partnership: Partnership) -> None:
    given = {"role": "coordinator", "from_on-day": "16", "from_on-month": "12", "from_on-year": "2026"}
    site.browser("Viola").post(page_of(partnership["Hugo"], "give-role"), data=given)
    assert site.browser("Hugo").get("/people").status_code == 403

    site.at += timedelta(days=2)

    assert site.browser("Hugo").get("/people").status_code == 200


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"role": "member", **TODAY}, "This person holds this role on some of these days already"),
        (
            {
                "role": "coordinator",
                **TODAY,
                "until_on-day": "31",
                "until_on-month": "12",
                "until_on-year": "2026",
                "from_on-year": "2027",
            },
            "The last day must be on or after the first day",
        ),
    ],
)
def test_a_role_that_does_not_fit_is_refused(
    site: Site, partnership: Partnership, given: dict[str, str], sentence: str
) -> None:
    answer = site.browser("Viola").post(page_of(partnership["Hugo"], "give-role"), data=given)

    assert answer.status_code == 409
    assert sentences(answer.text) == [sentence]


def test_nobody_gives_a_role_to_themselves(site: Site, partnership: Partnership) -> None:
    viola = partnership["Viola"]

    answer = site.browser("Viola").post(page_of(viola, "give-role"), data={"role": "ratifier", **TODAY})

    assert sentences(answer.text) == ["Nobody gives a role to themselves. Ask another administrator"]


def test_a_role_ended_at_once_is_over_today(site: Site, partnership: Partnership) -> None:
    ines = partnership["Ines"]
    browser = site.browser("Ines")
    path = page_of(ines, "roles", str(holding_of(site, ines).id), "end")

    answer = site.browser("Viola").post(path, data={"at_once": "yes"})

    assert answer.status_code == 303
    assert holding_of(site, ines).until_on == date(2026, 12, 13)
    assert browser.get("/people").status_code == 303
    assert site.browser("Ines").get("/people").status_code == 403
    assert entries(site)[0].what == "role ended"


def test_a_role_ends_with_a_day_that_is_given(site: Site, partnership: Partnership) -> None:
    ines = partnership["Ines"]
    path = page_of(ines, "roles", str(holding_of(site, ines).id), "end")
    browser = site.browser("Viola")
    day = {"last_on-day": "31", "last_on-month": "12", "last_on-year": "2026"}

    without = browser.post(path, data={"at_once": "no"})
    past = browser.post(path, data={"at_once": "no"} | day | {"last_on-month": "10"})
    good = browser.post(path, data={"at_once": "no"} | day)
    later = browser.post(path, data={"at_once": "no"} | day | {"last_on-year": "2027"})

    assert sentences(without.text) == ["Enter the last day, or choose that the role ends at once"]
    assert sentences(past.text) == ["The last day must be today or in the future"]
    assert good.status_code == 303
    assert sentences(later.text) == [
        "The role ends before that day already. To hold it longer, give it again"
    ]
    assert holding_of(site, ines).until_on == date(2026, 12, 31)


def test_a_role_taken_back_on_its_first_day_was_never_held(site: Site, partnership: Partnership) -> None:
    browser = site.browser("Viola")
    browser.post(page_of(partnership["Hugo"], "give-role"), data={"role": "coordinator", **TODAY})
    with site.partnership.sessions() as session:
        given = session.scalars(
            select(RoleHolding).where(
                RoleHolding.person_id == partnership["Hugo"].id, RoleHolding.role == "coordinator"
            )
        ).one()

    browser.post(page_of(partnership["Hugo"], "roles", str(given.id), "end"), data={"at_once": "yes"})

    assert holding_of(site, partnership["Hugo"]).role == "member"
    assert [one.what for one in entries(site)] == ["role given", "role taken back"]


def test_a_role_of_somebody_else_is_not_ended_through_this_person(
    site: Site, partnership: Partnership
) -> None:
    other = holding_of(site, partnership["Gwen"]).id
    browser = site.browser("Viola")

    assert browser.get(page_of(partnership["Ines"], "roles", str(other), "end")).status_code == 404
    assert browser.get(page_of(partnership["Ines"], "roles", "999999", "end")).status_code == 404


# Leaving


def test_a_leaver_is_out_at_once_and_may_come_back_without_a_role(
    site: Site, partnership: Partnership
) -> None:
    ines, administrator = partnership["Ines"], site.browser("Viola")
    browser = site.browser("Ines")
    assert "They have left" in administrator.get(page_of(ines, "leave")).text

    administrator.post(page_of(ines, "leave"))

    assert browser.get("/people").status_code == 303
    administrator.get(page_of(ines))
    assert "Ines Lapwing" not in administrator.get("/people").text
    assert "Has left" in administrator.get("/people?left=yes").text
    assert [one.what for one in entries(site)] == ["role ended", "person left"]

    administrator.post(page_of(ines, "come-back"))

    assert "Ines Lapwing" in administrator.get("/people").text
    assert site.browser("Ines").get("/people").status_code == 403
    assert administrator.post(page_of(ines, "come-back")).status_code == 409


def test_a_changed_address_is_registered_without_saying_it(
    site: Site, partnership: Partnership, school: str
) -> None:
    ines = site.browser("Ines")
    said = {"name": "Ines Lapwing", "email": "ines.new@unit.example", "agency": school}

    answer = site.browser("Viola").post(page_of(partnership["Ines"], "change"), data=said)
    taken = site.browser("Viola").post(
        page_of(partnership["Ines"], "change"), data=said | {"email": partnership["Hugo"].email}
    )

    assert answer.status_code == 303
    assert ines.get("/people").status_code == 303
    assert "ines.new" not in str(entries(site)[0].details)
    assert sentences(taken.text) == ["Somebody else has this email address. Each person needs their own"]


# Agencies and the register


def test_an_agency_is_added_changed_and_ended(site: Site, partnership: Partnership) -> None:
    browser = site.browser("Viola")
    said = {"name": "Heath Surgery", "kind": "general practice", "partner": ""}

    added = browser.post("/agencies/add", data=said)
    doubled = browser.post("/agencies/add", data=said | {"name": "heath surgery"})
    with site.partnership.sessions() as session:
        agency = session.scalars(select(Agency).where(Agency.name == "Heath Surgery")).one()
    path = f"/agencies/{agency.public_id}/change"
    ended = {"ended_on-day": "1", "ended_on-month": "12", "ended_on-year": "2026"}
    browser.post(path, data=said | {"name": "Heath Practice"} | ended)

    assert added.status_code == 303
    assert sentences(doubled.text) == ["This area has an agency with this name already"]
    assert "Has ended" in browser.get("/agencies").text
    assert "Heath Practice" not in browser.get("/people/invite").text
    assert [one.what for one in entries(site)] == ["agency added", "agency changed"]


def test_an_agency_of_another_area_cannot_be_changed(site: Site, partnership: Partnership) -> None:
    elsewhere = partnership.agencies["Riverside Community Health"].public_id

    assert site.browser("Viola").get(f"/agencies/{elsewhere}/change").status_code == 404
    assert site.browser("Ines").get("/agencies/add").status_code == 403


def test_an_administrator_of_two_areas_says_which(site: Site, partnership: Partnership) -> None:
    with transaction(site.partnership.sessions) as session:
        third = make_area(session, "SND", "Southend")
        session.add(
            RoleHolding(
                person_id=partnership["Viola"].id,
                role="administrator",
                area_id=third.id,
                from_on=date(2026, 1, 1),
            )
        )
    browser = site.browser("Viola")

    without = browser.post("/agencies/add", data={"name": "Pier School", "kind": "school"})
    good = browser.post("/agencies/add", data={"name": "Pier School", "kind": "school", "area": "SND"})

    assert sentences(without.text) == ["Choose an area"]
    assert good.status_code == 303
    assert "Southend" in browser.get("/agencies").text
    assert browser.get("/people?area=SND").status_code == 200


def test_the_register_is_read_by_the_scrutineer_in_words(
    site: Site, partnership: Partnership, school: str
) -> None:
    site.browser("Viola").post("/people/invite", data=NEW | {"agency": school})

    shown = words(read_our_page(site.browser("Conrad").get("/register").text))

    assert "Role given" in shown
    assert "Person: Lena Siskin" in shown
    assert "Role: Agency contact" in shown
    assert "From: Monday 14 December 2026" in shown
    assert "Viola Wheatear" in shown
    assert site.browser("Viola").get("/register").status_code == 403


def test_a_long_register_is_paged(site: Site, partnership: Partnership) -> None:
    with transaction(site.partnership.sessions) as session:
        for number in range(60):
            register.enter(session, f"change {number}", {}, None, NOW)
    browser = site.browser("Conrad")

    first = browser.get("/register").text
    second = browser.get(link(first, "next")).text

    assert "Change 59" in first
    assert "Change 9<" not in first
    assert "Change 9<" in second
    assert 'rel="next"' not in second
    assert browser.get("/register?before=x").status_code == 200


def test_a_change_made_behind_the_registers_back_shows(site: Site) -> None:
    with transaction(site.partnership.sessions) as session:
        for number in range(3):
            register.enter(session, "role given", {"person": str(number)}, None, NOW)

    with site.partnership.sessions() as session, session.no_autoflush:
        session.get_one(RegisterEntry, 2).details = {"person": "somebody else"}
        found = list(register.faults(session))

    assert found == ["Entry 2 of the register was changed after it was made."]
