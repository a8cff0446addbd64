"""What a referral may say of an incident and of a child as they were at the time, with its words.

The values are stored and never renamed. Whatever may be known of a child may also be not recorded, refused,
or not yet obtained: three different answers, because silence about a child is itself a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Words = Mapping[str, str]

NOT_KNOWN: Words = {
    "not_recorded": "Not recorded",
    "refused": "Refused",
    "not_yet_obtained": "Not yet obtained",
}

SEX: Words = {"female": "Female", "male": "Male", "other": "Described in another way"}

ETHNIC_GROUPS: Mapping[str, Words] = {
    "White": {
        "white_british": "English, Welsh, Scottish, Northern Irish or British",
        "white_irish": "Irish",
        "gypsy_or_irish_traveller": "Gypsy or Irish Traveller",
        "roma": "Roma",
        "white_other": "Any other White background",
    },
    "Mixed or multiple ethnic groups": {
        "mixed_white_and_black_caribbean": "White and Black Caribbean",
        "mixed_white_and_black_african": "White and Black African",
        "mixed_white_and_asian": "White and Asian",
        "mixed_other": "Any other Mixed or multiple background",
    },
    "Asian or Asian British": {
        "indian": "Indian",
        "pakistani": "Pakistani",
        "bangladeshi": "Bangladeshi",
        "chinese": "Chinese",
        "asian_other": "Any other Asian background",
    },
    "Black, Black British, Caribbean or African": {
        "caribbean": "Caribbean",
        "african": "African",
        "black_other": "Any other Black, Black British or Caribbean background",
    },
    "Other ethnic group": {"arab": "Arab", "other": "Any other ethnic group"},
}
"""The groups of the 2021 census of England and Wales."""

ETHNICITY: Words = {value: words for group in ETHNIC_GROUPS.values() for value, words in group.items()}

DISABILITY: Words = {
    "none": "No disability",
    "learning": "Learning disability",
    "physical": "Physical disability",
    "sensory": "Hearing or sight impairment",
    "neurodivergent": "Autism or ADHD",
    "mental_health": "Mental health condition",
    "long_term_illness": "Long-term illness",
    "several": "More than one of these",
    "other": "Another disability",
}

PLACEMENT: Words = {
    "parents": "With one or both parents",
    "relatives": "With relatives or friends of the family",
    "foster_care": "In foster care",
    "residential_care": "In a children's home",
    "adoptive_family": "With an adoptive family",
    "hospital": "In hospital",
    "secure": "In a secure home or in custody",
    "independent": "On their own, or with friends",
    "other": "Somewhere else",
}

LEGAL_STATUS: Words = {
    "none": "No order",
    "accommodated": "Accommodated by agreement (section 20)",
    "emergency_protection": "Emergency or police protection",
    "interim_care_order": "Interim care order",
    "care_order": "Care order",
    "supervision_order": "Supervision order",
    "placement_order": "Placement order",
    "special_guardianship": "Special guardianship or child arrangements order",
    "remanded": "Remanded or sentenced",
    "other": "Another order",
}

PLAN: Words = {
    "none": "No plan",
    "early_help": "Early help plan",
    "child_in_need": "Child in need plan",
    "child_protection": "Child protection plan",
    "child_protection_before": "No longer on a child protection plan, but was before",
}

LOOKED_AFTER: Words = {
    "no": "Never looked after",
    "now": "Looked after at the time",
    "before": "Looked after before, not at the time",
    "care_leaver": "Care leaver",
}

CHARACTERISTICS: Mapping[str, tuple[str, Words]] = {
    "sex": ("Sex", SEX),
    "ethnicity": ("Ethnicity", ETHNICITY),
    "disability": ("Disability", DISABILITY),
    "placement": ("Where the child lived", PLACEMENT),
    "legal_status": ("Legal status", LEGAL_STATUS),
    "plan": ("Plan", PLAN),
    "looked_after": ("Looked after", LOOKED_AFTER),
}
"""What is asked of each child, as at the time of the incident: the question and the answers it offers."""

HARM: Words = {
    "death": "A child died",
    "serious_harm": "A child was seriously harmed",
    "other": "Something else that may have to be notified",
}

ABUSE: Words = {
    "physical": "Physical abuse",
    "emotional": "Emotional abuse",
    "sexual": "Sexual abuse",
    "neglect": "Neglect",
    "not_clear": "Not clear yet",
}

SETTING: Words = {
    "family_home": "The child's home",
    "relatives_home": "The home of relatives or friends",
    "foster_home": "A foster home",
    "childrens_home": "A children's home",
    "early_years": "A nursery or with a childminder",
    "school": "A school or college",
    "hospital": "A hospital or other health setting",
    "secure": "A secure home or in custody",
    "public_place": "A public place",
    "online": "Online",
    "other": "Somewhere else",
    "not_known": "Not known",
}


def in_words(name: str, said: Mapping[str, Any] | None) -> str:
    """A characteristic as a page shows it: what is known, or why it is not."""
    if not said:
        return NOT_KNOWN["not_recorded"]
    if "not_known" in said:
        return NOT_KNOWN[said["not_known"]]
    offered = CHARACTERISTICS[name][1] if name in CHARACTERISTICS else {}
    return offered.get(said["known"], str(said["known"]))
