"""create_app(): joins the settings, the look of the pages and the parts of the site."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from reviewflow import acts
from reviewflow.alerts.mail import messages
from reviewflow.db import connect, make_sessions
from reviewflow.guards import GUARDS
from reviewflow.people.passwords import Passwords
from reviewflow.settings import Settings, resource_folder
from reviewflow.web import (
    chronology,
    documents,
    drafts,
    errors,
    filters,
    navigation,
    packs,
    page,
    pdfs,
    ratifying,
    readings,
    requests,
    security,
    signed_in,
    signing_in,
)
from reviewflow.web.acting import acting
from reviewflow.web.cases import cases
from reviewflow.web.clock import Clock, set_clock, wall_clock
from reviewflow.web.database import offer_database
from reviewflow.web.health import health
from reviewflow.web.opening import opening
from reviewflow.web.people import agencies, changes, register
from reviewflow.web.people import pages as people_pages
from reviewflow.web.referral import referral
from reviewflow.workflow.check import check
from reviewflow.workflow.definition import Definitions
from reviewflow.workflow.load import load_all
from reviewflow.workflow.names import Form, Names
from reviewflow.workflow.strict import DefinitionFaults

# An upload of 20 MB with the form around it; and a page of long text, whose own limits speak more clearly.
LARGEST_REQUEST = 22 * 1024 * 1024
LARGEST_FORM = 6 * 1024 * 1024
MOST_FORM_PARTS = 5_000

PARTS_OF_THE_SITE = (
    signing_in.pages,
    cases,
    requests.pages,
    chronology.pages,
    opening,
    referral,
    documents.pages,
    drafts.pages,
    packs.pages,
    ratifying.pages,
    health,
    readings.pages,
    agencies.pages,
    people_pages.pages,
    changes.pages,
    register.pages,
    acting,
)


def create_app(
    settings: Settings, clock: Clock = wall_clock, definitions: Definitions | None = None
) -> Flask:
    """The web service for `settings`; `clock` gives the time, aware and in UTC.

    Without `definitions` they are read from the workflow folders. Raises DefinitionFaults for a bad one.
    """
    static, templates = resource_folder("static"), resource_folder("templates")
    app = Flask(
        "reviewflow",
        root_path=str(Path(__file__).parent),
        static_folder=str(static),
        template_folder=str(templates),
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=MOST_FORM_PARTS,
        SESSION_COOKIE_NAME="__Host-form" if settings.is_public_https else "form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_public_https,
        WTF_CSRF_TIME_LIMIT=None,
        TRUSTED_HOSTS=_hosts(settings),
    )
    set_clock(app, clock)
    sessions = make_sessions(connect(settings.database_url))
    offer_database(app, settings, sessions, definitions or read_definitions(settings))
    _use_templates(app, templates, static)
    security.register(app, https=settings.is_public_https)
    CSRFProtect(app)
    filters.register(app)
    errors.register(app)
    signed_in.require_sign_in(app, Passwords(cheap=settings.cheap_passwords))
    pdfs.offer_maker(app)
    page.register(app)
    page.offer_navigation(app, navigation.for_this_person)
    for part in PARTS_OF_THE_SITE:
        app.register_blueprint(part)
    if settings.proxies:
        # So many proxies stand before us; what they say of the browser's address is believed, no more.
        near = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=near, x_proto=near, x_host=near)  # type: ignore[method-assign]
    return app


def _hosts(settings: Settings) -> list[str] | None:
    """The names a public service answers to: its own, and this machine's for those who watch over it."""
    own = urlsplit(settings.public_url).hostname
    return [own, "localhost", "127.0.0.1", "[::1]"] if settings.is_public_https and own else None


class NotReady(Exception):
    """The service cannot start: a definition is at fault, or the database is. Each line is a sentence."""


def read_definitions(settings: Settings) -> Definitions:
    """Every definition of this installation, each found sound. Raises NotReady with every fault."""
    try:
        found = load_all(settings.workflow_folders)
    except DefinitionFaults as faults:
        raise NotReady(str(faults)) from faults
    names = known_names(found)
    sentences = [sentence for definition in found for sentence in check(definition, names)]
    if sentences:
        raise NotReady("\n".join(sentences))
    return found


def known_names(definitions: Definitions) -> Names:
    """What a definition may name: the guards, forms, messages, documents and facts there are."""
    return Names(
        guards=frozenset(GUARDS),
        forms={name: Form(rule.choices, rule.sets) for name, rule in acts.FORMS.items()},
        messages=messages(),
        documents=frozenset(acts.DOCUMENTS),
        review_types=frozenset(definitions.names()),
        facts=frozenset(fact for rule in acts.FORMS.values() for fact in rule.sets),
    )


def _use_templates(app: Flask, templates: Path, static: Path) -> None:
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.loader = ChoiceLoader([FileSystemLoader(templates), components])
    has_vendor = (static / "vendor/govuk-frontend.min.css").is_file()
    if not has_vendor:
        app.logger.warning("static/vendor is missing: pages are plain until `make setup` has fetched it")
    app.jinja_env.globals |= {"has_vendor": has_vendor, "static": app.static_url_path}
