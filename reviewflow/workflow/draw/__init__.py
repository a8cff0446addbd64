"""One source drawn in three ways: Mermaid text beside the file, a picture and a manual for pages."""

from reviewflow.workflow.draw.manual import Manual, manual
from reviewflow.workflow.draw.mermaid import mermaid
from reviewflow.workflow.draw.picture import svg

__all__ = ["Manual", "manual", "mermaid", "svg"]
