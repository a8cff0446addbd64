"""Names of uploaded files: kept so that people recognise them, harmless wherever they are shown."""

import unicodedata

LONGEST_STEM = 160  # bytes of UTF-8; with its extension well under what any file system takes
UNSAFE = frozenset('<>:"|?*')
KNOWN = {"pdf": "pdf", "docx": "docx", "xlsx": "xlsx", "png": "png", "jpg": "jpg", "jpeg": "jpg"}


def safe_name(name: str, extension: str) -> tuple[str, bool]:
    """The name to show and to offer on download, and whether its ending had to be corrected.

    Folders, control, invisible and direction-changing characters are gone, and the ending says what
    the content is: `photo.pdf` that holds a PNG becomes `photo.png`, `notes.exe` becomes `notes.exe.pdf`.
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = unicodedata.normalize("NFC", "".join(map(_visible, last)))
    stem, dot, ending = " ".join(shown.split()).rpartition(".")
    ending = ending.lower()
    if not dot or ending not in KNOWN:
        stem = f"{stem}{dot}{ending}" if dot and not stem else " ".join(shown.split())
    kept = KNOWN.get(ending) == extension and bool(dot)
    stem = _short(stem.strip(". ")) or "document"
    return f"{stem}.{extension}", not kept


def _visible(character: str) -> str:
    if character in UNSAFE:
        return "_"
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp") or character in "\t\r\n":
        return " "
    return "" if category.startswith("C") else character


def _short(stem: str) -> str:
    return stem.encode()[:LONGEST_STEM].decode(errors="ignore").rstrip(". ")
