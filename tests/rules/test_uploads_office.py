"""Uploaded Word and Excel files: their words and cells come in; what they carry besides does not."""

import io
import zipfile

import openpyxl
import pytest
from openpyxl.comments import Comment
from PIL import ExifTags, Image

from reviewflow.uploads import (
    links,
    markup,
    office,
    packages,
)
from reviewflow.uploads.cleaning import clean
from reviewflow.uploads.limits import BOMB, DAMAGED
from tests.rules.uploaded import (
    RELATIONSHIP,
    SECRET,
    WORD_MAIN,
    W,
    a_located_photo,
    a_word_file,
    a_word_file_linking,
    a_workbook,
    everything_in,
    packed,
    parts_of,
    refusal,
    relationship,
    relationships,
    with_document,
    with_main_type,
    word_parts,
)


def test_a_word_file_keeps_its_text_and_its_parts_have_no_times():
    kept = clean(a_word_file())

    with zipfile.ZipFile(io.BytesIO(kept.content)) as archive:
        assert archive.namelist() == ["[Content_Types].xml", "_rels/.rels", "word/document.xml"]
        assert {entry.date_time for entry in archive.infolist()} == {packages.FIRST_DAY}
        assert b"Minutes" in archive.read("word/document.xml")
    assert kept.notes == (links.PROPERTIES_REMOVED,)


def test_a_workbook_opens_again_with_its_cells():
    kept = clean(a_workbook())

    book = openpyxl.load_workbook(io.BytesIO(kept.content))
    assert book.active["A1"].value == "2026-03-02"
    assert book.properties.creator != SECRET


def test_what_is_hidden_in_a_workbook_is_pointed_out():
    book = openpyxl.Workbook()
    book.create_sheet("Names").sheet_state = "veryHidden"
    book.active.row_dimensions[2].hidden = True
    book.active["A1"].comment = Comment("Ask the nursery", "A. Reviewer")
    out = io.BytesIO()
    book.save(out)

    notes = " ".join(clean(out.getvalue()).notes)

    assert "hidden sheets" in notes
    assert "hidden rows" in notes
    assert "comments" in notes


def test_what_is_hidden_in_a_word_file_is_pointed_out():
    body = '<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r><w:ins w:author="A. Reviewer"/></w:p>'

    notes = " ".join(clean(a_word_file(body)).notes)

    assert "hidden text" in notes
    assert "tracked changes" in notes


def test_the_template_on_the_author_s_computer_is_forgotten():
    settings_part = (
        f'<w:settings xmlns:w="{W}" xmlns:r="{RELATIONSHIP}"><w:attachedTemplate r:id="rId1"/></w:settings>'
    )
    local = relationship("attachedTemplate", "file:///C:\\Users\\mquill\\Normal.dotm", True, 1)
    content = packed(
        word_parts()
        | {
            "word/_rels/document.xml.rels": relationships(relationship("settings", "settings.xml")),
            "word/settings.xml": settings_part,
            "word/_rels/settings.xml.rels": relationships(local),
        }
    )

    kept = clean(content)

    assert b"mquill" not in everything_in(kept.content)
    assert b"attachedTemplate" not in everything_in(kept.content)
    assert links.TEMPLATE_REMOVED in kept.notes


def test_links_in_a_word_file_to_another_computer_go_and_web_links_stay():
    web = relationship("hyperlink", "https://example.org/a", True, 1)
    share = relationship("hyperlink", "file://server/share/list.xlsx", True, 2)

    kept = clean(a_word_file_linking(web, share))

    assert b"https://example.org/a" in everything_in(kept.content)
    assert b"server" not in everything_in(kept.content)
    assert links.LINKS_REMOVED in kept.notes


def test_parts_that_nothing_uses_are_left_behind():
    kept = clean(a_word_file(word__forgotten="<a>" + SECRET + "</a>"))

    assert SECRET.encode() not in everything_in(kept.content)
    assert office.UNUSED_REMOVED in kept.notes


def test_a_photograph_in_a_word_file_stays_as_it_is_but_for_its_metadata():
    photo = a_located_photo() + b"behind"
    content = a_word_file_linking(relationship("image", "media/a.png"), **{"word/media/a.png": photo})

    kept = clean(content)

    with zipfile.ZipFile(io.BytesIO(kept.content)) as archive:
        inside = archive.read("word/media/a.png")
    with Image.open(io.BytesIO(photo)) as before, Image.open(io.BytesIO(inside)) as after:
        assert before.tobytes() == after.tobytes()
        assert dict(after.getexif()) == {ExifTags.Base.Orientation: 6}
    assert SECRET.encode() not in inside
    assert b"behind" not in inside
    assert office.PICTURES_CLEANED in kept.notes


def test_the_folder_a_workbook_was_saved_in_is_forgotten():
    space = 'xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"'
    parts = dict(parts_of(a_workbook()))
    name = "xl/workbook.xml"
    where = f'<x15ac:absPath url="C:\\Users\\{SECRET}\\" {space}/>'.encode()
    parts[name] = parts[name].replace(b"<sheets>", where + b"<sheets>")

    kept = clean(packed(parts))

    assert b"absPath" in everything_in(kept.content)
    assert SECRET.encode() not in everything_in(kept.content)


EXTERNAL = "https://evil.example/template.dotm"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (a_word_file(word__vbaProject_bin=b"x").replace(b"vbaProject_bin", b"vbaProject.bin"), links.MACROS),
        (with_main_type("application/vnd.ms-word.document.macroEnabled.main+xml"), links.MACROS),
        (a_word_file(word__activeX__one="x"), links.EMBEDDED),
        (a_word_file(word__embeddings__one="x"), links.EMBEDDED),
        (a_word_file_linking(relationship("attachedTemplate", EXTERNAL, True)), links.REMOTE_TEMPLATE),
        (
            a_word_file_linking(relationship("attachedTemplate", "file:///\\\\server\\t.dotx", True)),
            links.REMOTE_TEMPLATE,
        ),
        (a_word_file_linking(relationship("oleObject", EXTERNAL, True)), links.EMBEDDED),
        (a_word_file_linking(relationship("image", "https://example.org/pixel.png", True)), links.OUTSIDE),
        (a_word_file_linking(relationship("frame", "https://example.org/", True)), links.OUTSIDE),
        (a_word_file_linking(relationship("aFChunk", "chunk.html")), links.EMBEDDED),
        (
            a_word_file_linking(relationship("image", "media/a.png"), **{"word/media/a.png": b"MZ program"}),
            links.EMBEDDED,
        ),
        (
            a_word_file_linking(relationship("image", "media/a.exe"), **{"word/media/a.exe": b"program"}),
            links.EMBEDDED,
        ),
        (a_word_file('<w:p><w:fldSimple w:instr="DDEAUTO c:\\x"/></w:p>'), office.COMMANDS),
        (
            a_word_file("<w:p><w:instrText>DD</w:instrText><w:instrText>E cmd</w:instrText></w:p>"),
            office.COMMANDS,
        ),
        (
            a_word_file(word__document_xml="").replace(b"word/document_xml", b"word/document.xml"),
            DAMAGED,
        ),
        (with_document('<!DOCTYPE a [<!ENTITY b "c">]><document>&b;</document>'), markup.ENTITIES),
        (with_document("<workbook/>"), DAMAGED),
        (with_document("<document/>".encode("utf-16")), DAMAGED),
        (with_document("<document>" + "<a>" * 300 + "</a>" * 300 + "</document>"), DAMAGED),
        (with_document("<document><p></document>"), DAMAGED),
        (with_document('<?xml version="1.0" encoding="iso-8859-1"?><document/>'), DAMAGED),
        (with_document("<!DOCTYPE document><document/>"), markup.ENTITIES),
        (with_main_type("application/vnd.ms-powerpoint"), office.NOT_OFFICE),
        (with_main_type(WORD_MAIN.replace("document.main", "template.main")), office.TEMPLATE),
        (with_main_type("application/vnd.ms-office.activeX+xml"), links.EMBEDDED),
        (a_word_file_linking(relationship("vbaProject", "media/a.png")), links.MACROS),
        (packed(word_parts() | {"word/Document.xml": "<document/>"}), DAMAGED),
        (packed(word_parts() | {"../outside.xml": "<a/>"}), DAMAGED),
        (packed(word_parts(), zipfile.ZIP_LZMA), DAMAGED),
        (packed(word_parts() | {f"word/{n}.xml": "" for n in range(2_001)}), BOMB),
        (a_word_file(" " * (60 * 1024 * 1024)), BOMB),
        (b"PK\x03\x04 junk in front" + a_word_file(), packages.TWO_FILES_IN_ONE),
        (a_word_file() + b"behind", packages.TWO_FILES_IN_ONE),
    ],
)
def test_a_word_file_that_carries_something_is_refused(content, sentence):
    assert refusal(content) == sentence


def test_a_zip_whose_parts_share_their_bytes_is_refused():
    content = bytearray(packed({"one.xml": "a" * 100, "two.xml": "b" * 100}))
    second = content.rfind(b"PK\x01\x02")
    content[second + 42 : second + 46] = (0).to_bytes(4, "little")

    assert refusal(bytes(content)) == BOMB


def test_a_zip_whose_last_part_reaches_into_its_directory_is_refused():
    content = bytearray(packed({"one.xml": "a" * 100}))
    entry = content.rfind(b"PK\x01\x02")
    content[entry + 20 : entry + 24] = (100).to_bytes(4, "little")

    assert refusal(bytes(content)) == BOMB


@pytest.mark.parametrize("drawing", ["<svg><script/></svg>", '<svg onload="x()"/>'])
def test_a_drawing_with_a_script_is_refused(drawing):
    types = word_parts()["[Content_Types].xml"].replace("image/png", "image/svg+xml")
    linked = a_word_file_linking(
        relationship("image", "media/a.png"), **{"[Content_Types].xml": types, "word/media/a.png": drawing}
    )

    assert refusal(linked) == office.SCRIPTED_PICTURE


def test_a_part_that_lies_about_its_size_is_refused():
    content = a_word_file("<w:p/>" * 400_000)
    real = len(word_parts("<w:p/>" * 400_000)["word/document.xml"])

    assert refusal(content.replace(real.to_bytes(4, "little"), (50).to_bytes(4, "little"))) == DAMAGED


def test_a_zip_with_a_password_is_refused():
    content = bytearray(a_word_file())
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.find(mark) + place] |= 1

    assert refusal(bytes(content)) == packages.PASSWORD
