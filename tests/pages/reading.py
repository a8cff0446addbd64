"""Reads a page as strictly as a validator would, and says what every page must have."""

from collections import Counter
from xml.etree.ElementTree import Element

import html5lib

TREE = html5lib.getTreeBuilder("etree")


def read_page(html: str) -> Element:
    """The page as a tree. Fails on any fault of the markup, or where a reference leads nowhere."""
    parser = html5lib.HTMLParser(tree=TREE, strict=True, namespaceHTMLElements=False)
    root = parser.parse(html)
    ids = Counter(e.get("id") for e in root.iter() if e.get("id") is not None)

    assert [name for name, times in ids.items() if times > 1] == []
    assert "" not in ids
    for element in root.iter():
        for attribute in ("for", "aria-describedby", "aria-controls", "aria-labelledby"):
            assert set((element.get(attribute) or "").split()) <= set(ids), (element.tag, element.attrib)
        if (element.get("href") or "").startswith("#"):
            assert element.get("href")[1:] in ids, element.attrib
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]
    return root


def read_our_page(html: str) -> Element:
    """A page of ours: also one heading, one named main part, no inline script, a name on each form."""
    root = read_page(html)
    mains = list(root.iter("main"))

    assert len(list(root.iter("h1"))) == 1
    assert len(mains) == 1
    assert mains[0].get("data-page")
    assert root.find("head/title").text.endswith("– ReviewFlow")
    for script in root.iter("script"):
        assert script.get("src")
        assert script.get("nonce")
        assert not (script.text or "").strip()
    for form in root.iter("form"):
        assert form.get("data-action")
        if form.get("method") == "post":
            assert [e for e in form.iter("input") if e.get("name") == "csrf_token"]
    return root


def words(element: Element) -> str:
    """The words a reader sees, with single blanks."""
    return " ".join("".join(element.itertext()).split())


def by_id(root: Element, name: str) -> Element:
    """The element with this id."""
    return next(e for e in root.iter() if e.get("id") == name)


def summary(root: Element) -> list[tuple[str, str]]:
    """The error summary: each sentence and the id it leads to, blank where it leads nowhere."""
    box = next((e for e in root.iter() if "govuk-error-summary" in (e.get("class") or "").split()), None)
    if box is None:
        return []
    return [(words(li), next((a.get("href")[1:] for a in li.iter("a")), "")) for li in box.iter("li")]
