"""The calendar of bank holidays, and adding and counting days, hours and months with the workings shown."""

from reviewflow.working_days.calendars import (
    Calendar,
    CalendarEnds,
    shipped_calendar,
)
from reviewflow.working_days.counting import (
    add_working_days,
    is_working_day,
    last_safe_day,
    next_working_day,
    slack,
    working_day_number,
    working_day_on_or_after,
    working_day_on_or_before,
    working_days_between,
)
from reviewflow.working_days.due_dates import (
    Workings,
    due,
    due_before,
)
from reviewflow.working_days.lengths import (
    Count,
    Length,
    LengthUnclear,
    Unit,
)
from reviewflow.working_days.london import (
    LONDON,
    day_of,
    from_london,
    in_words,
    london_date,
    to_london,
)

__all__ = [
    "LONDON",
    "Calendar",
    "CalendarEnds",
    "Count",
    "Length",
    "LengthUnclear",
    "Unit",
    "Workings",
    "add_working_days",
    "day_of",
    "due",
    "due_before",
    "from_london",
    "in_words",
    "is_working_day",
    "last_safe_day",
    "london_date",
    "next_working_day",
    "shipped_calendar",
    "slack",
    "to_london",
    "working_day_number",
    "working_day_on_or_after",
    "working_day_on_or_before",
    "working_days_between",
]
