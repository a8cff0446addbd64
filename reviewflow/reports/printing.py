"""A document as HTML, ready to be made into a PDF: from its fixed text alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from reviewflow.settings import resource_folder


def document_html(kind: str, title: str, source: Mapping[str, Any]) -> str:
    """The page of a document of this kind; a text that its template asks for and is missing is an error."""
    return _templates().get_template(f"pdf/{kind}.html").render(page={**source, "title": title})


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(resource_folder("templates")),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
