"""What every answer tells the browser not to do, whatever the answer is."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g, request

YEAR = 31_536_000
FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: over TLS the check of a form's origin reads it.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def csp_nonce() -> str:
    """The word that lets this page's own scripts run: new for every answer."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def content_policy(nonce: str) -> str:
    """What a page may load: its own style, fonts and pictures, and scripts that carry `nonce`."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            "style-src 'self'",
            "font-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def limit_plain_form() -> None:
    """A form without files is held to the limit of a form: Werkzeug itself limits only one with files."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def register(app: Flask, *, https: bool) -> None:
    """Every answer of `app`, errors and files included, carries these headers; HSTS where `https`.

    Registered before anything that reads a form.
    """

    def put_headers(response: Response) -> Response:
        response.headers.update(FIXED_HEADERS)
        # A route that serves an uploaded file may be stricter, never looser.
        response.headers.setdefault("Content-Security-Policy", content_policy(csp_nonce()))
        if https:
            response.headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
        if request.endpoint != "static" or response.status_code >= 400:
            response.vary.add("Cookie")
            if not response.cache_control.public:
                response.headers["Cache-Control"] = "no-store"
        return response

    app.before_request(limit_plain_form)
    app.after_request(put_headers)
    app.add_template_global(csp_nonce)
