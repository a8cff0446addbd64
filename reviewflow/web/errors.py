"""Pages for what went wrong: what happened and what to do next, never the detail."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from reviewflow.web.page import Nav, Page, current_nav

TITLES = {
    400: "Something was wrong with what was sent",
    401: "Sign in to go on",
    403: "You cannot do this",
    404: "Page not found",
    405: "This page cannot be used that way",
    409: "Somebody else was quicker",
    413: "That was too much to send",
    429: "Too many tries",
    500: "Sorry, something went wrong",
}
CSRF_TITLE = "This page was open for too long"


def register(app: Flask) -> None:
    """Every error of `app` is answered with one of our pages."""
    app.register_error_handler(CSRFError, _form_out_of_date)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _failed)


def error_page(code: int, title: str = "", template: str = "", **words: str) -> Response:
    """The page for `code`; codes without a page of their own get the one for 400."""
    known = code if code in TITLES else 400
    page = Page(name=f"error-{known}", title=title or TITLES[known])
    html = render_template(template or f"errors/{known}.html", page=page, nav=_nav_if_any(code), **words)
    return make_response(html, code)


def _nav_if_any(code: int) -> Nav:
    """The navigation, but nothing that could fail again while a failure is being told.

    Nor is there any for a request that was addressed to another host.
    """
    return Nav() if code >= 500 or isinstance(request.routing_exception, SecurityError) else current_nav()


def _refused(error: HTTPException) -> Response | HTTPException:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    response = error_page(error.code) if error.code < 500 else _failed(error)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _form_out_of_date(error: CSRFError) -> Response:
    current_app.logger.info("a form was refused: %s", error.description)
    return error_page(400, CSRF_TITLE, "errors/form_out_of_date.html")


def _failed(error: Exception) -> Response:
    """Log the failure once, under a reference that the page shows; show nothing else of it."""
    reference = secrets.token_hex(4).upper()
    current_app.logger.error("failure %s", reference, exc_info=error)
    return error_page(500, reference=reference)
