"""Files as people send them, made on the spot: good ones to start from, and ways to spoil them."""

import io
import zipfile

import openpyxl
import pikepdf
import pytest
from PIL import ExifTags, Image

from reviewflow.uploads import (
    UploadRefused,
)
from reviewflow.uploads.cleaning import clean

SECRET = "Marigold Quill"


WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


PACKAGE_LINKS = "application/vnd.openxmlformats-package.relationships+xml"


RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def a_picture(form="PNG", size=(40, 20), **options):
    out = io.BytesIO()
    image = Image.new("RGB", size, "white")
    image.putpixel((0, 0), (255, 0, 0))
    image.save(out, form, **options)
    return out.getvalue()


def a_located_photo():
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = SECRET
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[1] = "N"
    return a_picture("JPEG", exif=exif, comment=SECRET.encode(), quality=90)


def a_pdf(change=None, **saving):
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(200, 200))
        pdf.docinfo["/Author"] = SECRET
        with pdf.open_metadata() as xmp:
            xmp["dc:creator"] = [SECRET]
        if change is not None:
            change(pdf)
        pdf.save(out, **saving)
    return out.getvalue()


def relationship(kind, target, outside=False, number=9):
    mode = ' TargetMode="External"' if outside else ""
    kind = kind if kind.startswith("http") else f"{RELATIONSHIP}/{kind}"
    return f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"{mode}/>'


def relationships(*rows):
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{"".join(rows)}</Relationships>'


def word_parts(body="<w:p><w:r><w:t>Minutes</w:t></w:r></w:p>"):
    core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    return {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Default Extension="rels" ContentType="{PACKAGE_LINKS}"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="png" ContentType="image/png"/>'
            f'<Override PartName="/word/document.xml" ContentType="{WORD_MAIN}"/></Types>'
        ),
        "_rels/.rels": relationships(
            relationship("officeDocument", "word/document.xml", number=1),
            relationship(core, "docProps/core.xml", number=2),
        ),
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        "docProps/core.xml": f"<core><creator>{SECRET}</creator></core>",
    }


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def a_word_file(body=None, **parts):
    made = word_parts(body) if body is not None else word_parts()
    return packed(made | {name.replace("__", "/"): content for name, content in parts.items()})


def a_word_file_linking(*rows, **parts):
    made = word_parts() | {"word/_rels/document.xml.rels": relationships(*rows)}
    return packed(made | parts)


def with_document(content):
    return packed(word_parts() | {"word/document.xml": content})


def with_main_type(kind):
    types = word_parts()["[Content_Types].xml"].replace(WORD_MAIN, kind)
    return packed(word_parts() | {"[Content_Types].xml": types})


def a_workbook():
    book = openpyxl.Workbook()
    book.properties.creator = SECRET
    book.active["A1"] = "2026-03-02"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def everything_in(content):
    """The bytes of a file, and of its parts where it is a package."""
    if not content.startswith(b"PK"):
        return content
    return b"".join(name.encode() + part for name, part in parts_of(content))


def refusal(content):
    with pytest.raises(UploadRefused) as refused:
        clean(content)
    return refused.value.sentence
