"""The words of a mail: a named message, or one written into a definition; reference, date and link only."""

from __future__ import annotations

import re
from email.message import EmailMessage
from functools import lru_cache
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape

from reviewflow.alerts import Alert
from reviewflow.people import links
from reviewflow.settings import Settings, resource_folder

INLINE = "inline_message"
"""The frame around words that stand in a definition."""


def compose(alert: Alert, address: str, settings: Settings) -> EmailMessage:
    """The mail of an alert: one recipient, the same words as text and as HTML, and nothing of the case."""
    path = links.path_for_a_mail(settings.secret_key, alert.variables["link"])
    variables = {"agency": "", **alert.variables, "link": settings.public_url + path}
    text = _words(alert.message, variables)
    subject, _, body = text.removeprefix("Subject: ").partition("\n")
    mail = EmailMessage()
    mail["Subject"] = subject.strip()
    mail["From"] = settings.mail_from
    mail["To"] = address
    mail["Message-ID"] = f"<{alert.public_id}@{urlsplit(settings.public_url).hostname}>"
    mail["X-ReviewFlow-Event"] = alert.message if alert.message in messages() else "message"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body.strip() + "\n")
    mail.add_alternative(_as_html(body.strip()), subtype="html")
    return mail


def messages() -> frozenset[str]:
    """The names of the messages there are."""
    return frozenset(path.stem for path in (resource_folder("templates") / "alerts").glob("*.txt"))


def _words(message: str, variables: dict[str, str]) -> str:
    """A named message, or words written into a definition, where {what} stands for a variable.

    Only known names in braces are filled in: a definition holds words, never a template.
    """
    if message in messages():
        return _environment().get_template(f"{message}.txt").render(variables)
    words = re.sub(r"\{(\w+)\}", lambda found: variables.get(found[1], found[0]), message)
    return _environment().get_template("frame/inline.txt").render(variables | {"words": words})


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader = FileSystemLoader(resource_folder("templates") / "alerts")
    return Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)


def _as_html(body: str) -> str:
    """The same words as HTML: paragraphs, and the one link as a link."""
    paragraphs = (
        re.sub(r"(https?://\S+)", r'<a href="\1">\1</a>', str(escape(part)).replace("\n", "<br>"))
        for part in body.split("\n\n")
    )
    inner = "".join(f"<p>{part}</p>" for part in paragraphs)
    return f'<!DOCTYPE html><html lang="en-GB"><body>{inner}</body></html>'
