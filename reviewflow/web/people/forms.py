"""What is asked about people, their roles and their agencies."""

from __future__ import annotations

from collections.abc import Sequence

from reviewflow.people import Partner
from reviewflow.web.base_form import BaseForm
from reviewflow.web.fields import Choice, DateField, EmailField, SelectField, TextField, YesNoField

PARTNERS: dict[str, str] = {
    Partner.COUNCIL: "The council",
    Partner.HEALTH: "Health",
    Partner.POLICE: "The police",
}


class InviteForm(BaseForm):
    """Who is to be invited, for which agency, in which role?"""

    name = TextField("Full name", limit=120, missing="Enter their full name")
    email = EmailField(
        "Email address",
        hint="Their own work address. It is what they sign in with",
        missing="Enter their email address",
    )
    agency = SelectField("Agency", missing="Choose an agency")
    role = SelectField("Role", missing="Choose a role")
    area = SelectField("Area in which they hold the role", missing="Choose an area")

    def offer(
        self, agencies: Sequence[Choice], roles: Sequence[Choice], areas: Sequence[Choice]
    ) -> InviteForm:
        """The form with these to choose from; an area is only asked for where there are several."""
        self.agency.choices, self.role.choices = agencies, roles
        _one_of(self, areas)
        return self


class GiveRoleForm(BaseForm):
    """Which role, where, from when to when?"""

    role = SelectField("Role", missing="Choose a role")
    area = SelectField("Area", missing="Choose an area")
    from_on = DateField(
        "First day",
        hint="May lie ahead. For example, 1 4 2027",
        missing="Enter the first day",
        called="The first day",
        past=False,
    )
    until_on = DateField("Last day, if it is known", required=False, called="The last day", past=False)

    def offer(self, roles: Sequence[Choice], areas: Sequence[Choice]) -> GiveRoleForm:
        """The form with these to choose from."""
        self.role.choices = roles
        _one_of(self, areas)
        return self


class EndRoleForm(BaseForm):
    """When does the role end?"""

    at_once = YesNoField("Does the role end at once?")
    last_on = DateField(
        "Last day",
        called="The last day",
        hint="If it does not end at once. For example, 31 3 2027",
        required=False,
    )

    def check(self) -> None:
        """A role that does not end at once ends on a day that is given and has not passed."""
        if self.at_once.data:
            return
        if self.last_on.data is None:
            self.refuse("last_on", "Enter the last day, or choose that the role ends at once")
        elif self.last_on.data < self.today:
            self.refuse("last_on", "The last day must be today or in the future")


class ChangePersonForm(BaseForm):
    """What is somebody called, where does mail reach them, for whom do they work?"""

    name = TextField("Full name", limit=120, missing="Enter their full name")
    email = EmailField(
        "Email address",
        hint="Their own work address. It is what they sign in with",
        missing="Enter their email address",
    )
    agency = SelectField("Agency", missing="Choose an agency")


class ConfirmForm(BaseForm):
    """Nothing but a button."""


class AgencyForm(BaseForm):
    """What is the agency called, and which partner does it stand for?"""

    name = TextField("Name", limit=120, missing="Enter the name of the agency")
    area = SelectField("Area", missing="Choose an area")
    kind = TextField(
        "Kind of agency",
        limit=60,
        hint="For example, school, general practice, housing association",
        missing="Enter the kind of agency",
    )
    partner = SelectField(
        "Does it stand for a statutory safeguarding partner?", PARTNERS, required=False, prompt="No"
    )

    def offer(self, areas: Sequence[Choice]) -> AgencyForm:
        """The form with these areas to choose from."""
        _one_of(self, areas)
        return self


class ChangeAgencyForm(AgencyForm):
    """What is the agency called now, and is it still there?"""

    ended_on = DateField(
        "If the agency has ended: its last day", required=False, future=False, called="The last day"
    )


def _one_of(form: BaseForm, areas: Sequence[Choice]) -> None:
    """Ask for the area where there are several; where there is one, it is that one."""
    if len(areas) > 1:
        form.area.choices = areas
    else:
        del form.area
