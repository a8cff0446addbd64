"""Uploads: good files come in without their metadata, bad ones are refused with a sentence that helps."""

import io
import subprocess
import threading
import time
import zipfile
import zlib

import openpyxl
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from reviewflow import uploads
from reviewflow.uploads import (
    UploadRefused,
    accept,
    cleaning,
    links,
    markup,
    office,
    packages,
    papers,
    pictures,
)
from reviewflow.uploads.cleaning import clean
from reviewflow.uploads.limits import BOMB, DAMAGED, LARGEST_FILE, Cleaned
from reviewflow.uploads.names import safe_name
from reviewflow.uploads.segments import without_metadata

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


# good files


@pytest.mark.parametrize(
    ("content", "media_type", "extension"),
    [
        (a_picture("PNG", pnginfo=None), "image/png", "png"),
        (a_located_photo(), "image/jpeg", "jpg"),
        (a_pdf(), "application/pdf", "pdf"),
        (a_word_file(), office.WORD, "docx"),
        (a_workbook(), office.EXCEL, "xlsx"),
    ],
    ids=["png", "jpeg", "pdf", "docx", "xlsx"],
)
def test_a_good_file_comes_in_by_its_content_and_loses_its_metadata(content, media_type, extension):
    upload = accept(content, "whatever")

    assert (upload.media_type, upload.extension) == (media_type, extension)
    assert upload.name == f"whatever.{extension}"
    assert SECRET.encode() not in everything_in(upload.content)
    assert clean(upload.content).notes == ()


def test_a_photo_is_turned_upright_and_loses_where_it_was_taken():
    kept = clean(a_located_photo())

    with Image.open(io.BytesIO(kept.content)) as image:
        assert image.size == (20, 40)
        assert not image.getexif()
        assert "comment" not in image.info
    assert {pictures.PLACE_REMOVED, pictures.REMOVED, pictures.TURNED} == set(kept.notes)


def test_a_picture_loses_its_texts_and_what_follows_it():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", SECRET)
    texts.add_itxt("XML:com.adobe.xmp", SECRET)

    kept = clean(a_picture("PNG", pnginfo=texts) + packed({"evil.js": SECRET}))

    assert SECRET.encode() not in kept.content
    assert not zipfile.is_zipfile(io.BytesIO(kept.content))
    assert kept.notes == (pictures.REMOVED,)


@pytest.mark.parametrize(
    "profile", [ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"no"]
)
def test_the_colours_of_a_picture_are_worked_in_and_its_profile_goes(profile):
    kept = clean(a_picture("PNG", icc_profile=profile))

    with Image.open(io.BytesIO(kept.content)) as image:
        assert "icc_profile" not in image.info
        assert image.getpixel((0, 0)) == (255, 0, 0)
        assert image.getpixel((1, 1)) == (255, 255, 255)


def test_a_picture_made_for_printing_becomes_one_for_a_screen():
    out = io.BytesIO()
    Image.new("CMYK", (8, 8), (0, 0, 0, 0)).save(out, "JPEG")

    with Image.open(io.BytesIO(clean(out.getvalue()).content)) as image:
        assert image.mode == "RGB"
        assert min(image.getpixel((4, 4))) > 250


def test_a_picture_in_several_frames_keeps_its_first_and_says_so():
    content = a_picture("PNG", save_all=True, append_images=[Image.new("RGB", (40, 20), "blue")])

    kept = clean(content)

    assert pictures.FIRST_ONLY in kept.notes
    with Image.open(io.BytesIO(kept.content)) as image:
        assert getattr(image, "n_frames", 1) == 1


def test_a_plain_picture_keeps_every_pixel_and_has_no_notes():
    content = a_picture("PNG")

    kept = clean(content)

    with Image.open(io.BytesIO(content)) as before, Image.open(io.BytesIO(kept.content)) as after:
        assert before.tobytes() == after.tobytes()
    assert kept.notes == ()


def test_a_pdf_has_no_properties_and_one_revision_left():
    kept = clean(a_pdf())

    with pikepdf.open(io.BytesIO(kept.content)) as pdf:
        assert "/Info" not in pdf.trailer
        assert "/Metadata" not in pdf.Root
        assert len(pdf.pages) == 1
    assert kept.content.count(b"%%EOF") == 1
    assert kept.notes == (papers.REMOVED,)


def test_a_link_in_a_pdf_to_a_file_goes_and_one_to_a_page_stays():
    def link(pdf):
        action = {"file": b"file://server/share", "web": b"https://example.org/learning"}
        pdf.pages[0].Annots = pikepdf.Array(
            pikepdf.Dictionary(
                Subtype=pikepdf.Name.Link,
                Rect=[0, 0, 9, 9],
                A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(target.decode())),
            )
            for target in action.values()
        )

    kept = clean(a_pdf(link))

    with pikepdf.open(io.BytesIO(kept.content)) as pdf:
        first, second = pdf.pages[0].Annots
        assert len(first.A.keys()) == 0
        assert str(second.A.URI) == "https://example.org/learning"
    assert papers.LINKS_REMOVED in kept.notes


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


# names


@pytest.mark.parametrize(
    ("name", "extension", "shown", "corrected"),
    [
        ("minutes.docx", "docx", "minutes.docx", False),
        ("Photo.JPEG", "jpg", "Photo.jpg", False),
        ("photo.pdf", "png", "photo.png", True),
        ("notes.exe", "pdf", "notes.exe.pdf", True),
        ("no ending", "pdf", "no ending.pdf", True),
        ("../../etc/passwd", "pdf", "passwd.pdf", True),
        ("C:\\Users\\someone\\return.docx", "docx", "return.docx", False),
        ("invoice\u202efdp.exe", "pdf", "invoicefdp.exe.pdf", True),
        ("a\r\nSet-Cookie: b.pdf", "pdf", "a Set-Cookie_ b.pdf", False),
        ("nul\x00byte.pdf", "pdf", "nulbyte.pdf", False),
        (".pdf", "pdf", "document.pdf", False),
        ("", "png", "document.png", True),
        ("...", "png", "document.png", True),
        ("Mr. Quill", "pdf", "Mr. Quill.pdf", True),
        ("\ud800.pdf", "pdf", "document.pdf", False),
        ("é" * 300 + ".pdf", "pdf", "é" * 80 + ".pdf", False),
    ],
)
def test_a_name_is_made_safe_and_its_ending_says_what_the_file_is(name, extension, shown, corrected):
    assert safe_name(name, extension) == (shown, corrected)


@given(st.text())
def test_any_name_becomes_one_that_can_be_shown_and_stored(name):
    shown, _corrected = safe_name(name, "pdf")

    assert shown.isprintable()
    assert len(shown.encode()) <= 200
    assert not set(shown) & set('/\\<>:"|?*')
    assert not shown.startswith(".")


def test_a_wrong_ending_is_corrected_and_said():
    upload = accept(a_picture("PNG"), "scan.pdf")

    assert upload.name == "scan.png"
    assert "The name was changed to end in .png, because that is what the file contains." in upload.notes


# sizes and kinds


def test_an_empty_file_and_one_over_20_mb_are_refused():
    with pytest.raises(UploadRefused, match="empty"):
        accept(b"", "a.pdf")
    with pytest.raises(UploadRefused, match="larger than 20 MB"):
        accept(b"x" * (20 * 1024 * 1024 + 1), "a.pdf")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", cleaning.WANTED),
        (b"<html><script>alert(1)</script>", cleaning.WANTED),
        (b"MZ\x90\x00 a program", cleaning.WANTED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", cleaning.OLD),
        (b"\x00\x00\x00\x18ftypheic rest", cleaning.PHONE_PICTURE),
        (packed({"letter.txt": "x"}), office.NOT_OFFICE),
        (packed({"mimetype": "x", "META-INF/manifest.xml": "x"}), office.OPEN_DOCUMENT),
        (b"GIF89a%PDF-1.7", papers.TWO_FILES_IN_ONE),
        (a_picture("PNG")[:60], DAMAGED),
        (a_picture("JPEG")[:-40], DAMAGED),
        (a_workbook()[:-100], DAMAGED),
        (b"%PDF-1.7\n", DAMAGED),
        (a_picture("JPEG") + b"\xff\xda" * 101, DAMAGED),
        (b"%PDF-1.7\nnothing here\n%%EOF\n", DAMAGED),
    ],
)
def test_other_kinds_and_damaged_files_are_refused(content, sentence):
    assert refusal(content) == sentence


# pictures inside documents


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


def test_a_photograph_in_a_pdf_loses_where_it_was_taken():
    def scan(pdf):
        stream = pikepdf.Stream(pdf, b"", Subtype=pikepdf.Name.Image, Width=40, Height=20)
        stream.write(a_located_photo(), filter=pikepdf.Name.DCTDecode)
        pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=stream))

    kept = clean(a_pdf(scan))

    with pikepdf.open(io.BytesIO(kept.content)) as pdf:
        inside = pdf.pages[0].Resources.XObject.I.read_raw_bytes()
    assert SECRET.encode() not in inside
    with Image.open(io.BytesIO(inside)) as image:
        assert image.size == (40, 20)
    assert papers.PICTURES_CLEANED in kept.notes


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"optimize": True}, {"restart_marker_rows": 1}]
)
def test_the_pixels_of_a_jpeg_survive_the_cut(options):
    content = a_picture("JPEG", (200, 90), comment=b"gone", **options)

    kept = without_metadata(content)

    with Image.open(io.BytesIO(content)) as before, Image.open(io.BytesIO(kept)) as after:
        assert before.tobytes() == after.tobytes()
    assert b"gone" not in kept


def test_a_png_in_a_document_loses_its_texts_and_keeps_its_pixels():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", SECRET)
    content = a_picture("PNG", pnginfo=texts)

    kept = without_metadata(content + b"behind")

    assert kept == a_picture("PNG")
    with pytest.raises(ValueError, match="breaks off"):
        without_metadata(content[:-12])


def test_other_pictures_in_a_document_stay_as_they_are():
    assert without_metadata(b"GIF89a") == b"GIF89a"


def test_a_jpeg_without_an_end_or_with_broken_details_is_still_a_picture():
    content = a_picture("JPEG", exif=b"Exif\x00\x00no such thing")

    kept = without_metadata(content[:-2])

    assert b"no such thing" not in kept
    assert kept.endswith(b"\xff\xd9")
    with pytest.raises(ValueError, match="breaks off"):
        without_metadata(content[:10])


def test_the_folder_a_workbook_was_saved_in_is_forgotten():
    space = 'xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"'
    parts = dict(parts_of(a_workbook()))
    name = "xl/workbook.xml"
    where = f'<x15ac:absPath url="C:\\Users\\{SECRET}\\" {space}/>'.encode()
    parts[name] = parts[name].replace(b"<sheets>", where + b"<sheets>")

    kept = clean(packed(parts))

    assert b"absPath" in everything_in(kept.content)
    assert SECRET.encode() not in everything_in(kept.content)


# bad PDFs


def refuse_action(kind, **more):
    def change(pdf):
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name(f"/{kind}"), **more)

    return change


def attach(pdf):
    pdf.attachments["names.txt"] = b"names"


def form_of_another_kind(pdf):
    pdf.Root.AcroForm = pikepdf.Dictionary(XFA=pdf.make_stream(b"<xdp/>"))


def script_in_a_field(pdf):
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    pdf.pages[0].AA = pikepdf.Dictionary(O=pdf.make_indirect(action))


def script_in_disguise(pdf):
    """Names in a PDF can be written with codes, and be somewhere else than where they are used."""
    pdf.Root.OpenAction = pdf.make_stream(b"")
    pdf.Root.OpenAction = pikepdf.Object.parse(b"<</S /J#61vaScript /J#53 (app.alert\\(1\\))>>")


def content_from_elsewhere(pdf):
    stream = pikepdf.Stream(pdf, b"", F=pikepdf.String("https://example.org/page"))
    pdf.pages[0].Contents = stream


def a_video(pdf):
    pdf.pages[0].Annots = pikepdf.Array(
        [pikepdf.Dictionary(Subtype=pikepdf.Name.RichMedia, Rect=[0, 0, 1, 1])]
    )


def bomb_in_a_page(pdf):
    twice = zlib.compress(zlib.compress(bytes(110 * 1024 * 1024), 9), 9)
    stream = pikepdf.Stream(pdf, twice)
    stream.Filter = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
    stream.write(twice, filter=stream.Filter)
    pdf.pages[0].Contents = stream


def too_many_filters(pdf):
    stream = pikepdf.Stream(pdf, b"x")
    stream.write(b"x", filter=pikepdf.Array([pikepdf.Name.ASCIIHexDecode] * 5))
    pdf.pages[0].Contents = stream


def a_file_without_a_name(pdf):
    pdf.Root.Odd = pikepdf.Stream(pdf, b"x", Type=pikepdf.Name.EmbeddedFile)


def enormous_picture(pdf):
    stream = pikepdf.Stream(pdf, b"x", Subtype=pikepdf.Name.Image, Width=65535, Height=65535)
    pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=stream))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (refuse_action("JavaScript", JS=pikepdf.String("app.alert(1)")), papers.SCRIPT),
        (script_in_a_field, papers.SCRIPT),
        (script_in_disguise, papers.SCRIPT),
        (content_from_elsewhere, papers.ELSEWHERE),
        (refuse_action("Launch", F=pikepdf.String("cmd.exe")), papers.LAUNCH),
        (refuse_action("SubmitForm", F=pikepdf.String("https://example.org")), papers.LAUNCH),
        (attach, papers.ATTACHED),
        (form_of_another_kind, papers.XFA),
        (a_video, papers.MEDIA),
        (bomb_in_a_page, BOMB),
        (enormous_picture, BOMB),
        (too_many_filters, BOMB),
        (a_file_without_a_name, papers.ATTACHED),
    ],
)
def test_a_pdf_that_does_something_is_refused(change, sentence):
    assert refusal(a_pdf(change)) == sentence


def test_a_pdf_without_pages_or_with_too_much_in_it_is_refused(monkeypatch):
    assert refusal(a_pdf(lambda pdf: pdf.pages.__delitem__(0))) == papers.NO_PAGES

    monkeypatch.setattr(papers, "MOST_PDF_OBJECTS", 3)
    assert refusal(a_pdf()) == papers.TOO_MANY_OBJECTS


def nested_pdf(levels):
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/Deep 4 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
        b"4 0 obj" + b"[" * levels + b"]" * levels + b"endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )


def test_a_pdf_nested_too_deeply_is_refused():
    assert clean(nested_pdf(100)).extension == "pdf"
    assert refusal(nested_pdf(300)) == DAMAGED
    with pytest.raises(UploadRefused) as refused:
        accept(nested_pdf(600), "deep.pdf")  # deeper than the reader goes: it would leave that part out
    assert refused.value.sentence == DAMAGED


@pytest.mark.parametrize("user", ["", "secret"])
def test_an_encrypted_pdf_is_refused(user):
    assert refusal(a_pdf(encryption=pikepdf.Encryption(owner="owner", user=user))) == papers.PASSWORD


def test_a_pdf_with_something_in_front_or_behind_is_refused():
    assert refusal(b"junk" + a_pdf()) == papers.TWO_FILES_IN_ONE
    assert refusal(a_pdf() + b"<script>") == papers.TWO_FILES_IN_ONE
    assert refusal(a_pdf() + packed({"a": "b"}) + b"%%EOF") == papers.TWO_FILES_IN_ONE


def test_a_pdf_whose_object_stream_is_a_bomb_is_refused_within_the_limits():
    packed_bytes = zlib.compress(bytes(300 * 1024 * 1024), 9)
    content = (
        b"%PDF-1.5\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length "
        + str(len(packed_bytes)).encode()
        + b">>stream\n"
        + packed_bytes
        + b"\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
    )

    with pytest.raises(UploadRefused):
        accept(content, "bomb.pdf")


# bad Word and Excel files

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


def test_a_picture_of_more_than_50_million_pixels_is_refused():
    header = bytearray(a_picture("PNG"))
    header[16:24] = (8_000).to_bytes(4, "big") + (8_000).to_bytes(4, "big")
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")
    larger = bytearray(header)
    larger[16:24] = (60_000).to_bytes(4, "big") * 2
    larger[29:33] = zlib.crc32(larger[12:29]).to_bytes(4, "big")

    assert refusal(bytes(header)) == pictures.TOO_MANY_PIXELS
    assert refusal(bytes(larger)) == pictures.TOO_MANY_PIXELS


# anything at all

STARTS = [b"", b"%PDF-1.7\n", b"PK\x03\x04", pictures.PNG, pictures.JPEG]
GOOD = [a_picture("PNG"), a_located_photo(), a_pdf(), a_word_file(), a_workbook()]


@given(st.sampled_from(STARTS), st.binary(max_size=4_000), st.sampled_from([b"", b"\n%%EOF"]))
@settings(max_examples=300, deadline=5_000)
def test_random_bytes_are_refused_and_nothing_else_happens(start, middle, end):
    with pytest.raises(UploadRefused):
        clean(start + middle + end)


@given(
    st.sampled_from(GOOD), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=20)
)
@settings(max_examples=300, deadline=5_000)
def test_a_good_file_with_bytes_changed_is_cleaned_or_refused(good, changes):
    content = bytearray(good)
    for place, value in changes:
        content[int(place * (len(content) - 1))] = value

    try:
        kept = clean(bytes(content))
    except UploadRefused:
        return
    assert kept.media_type


def test_a_checking_process_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(uploads, "SECONDS", 0.01)
    began = time.monotonic()

    with pytest.raises(UploadRefused, match="too long"):
        accept(a_pdf(), "a.pdf")

    assert time.monotonic() - began < 5


@pytest.mark.parametrize(("status", "sentence"), [(-9, uploads.TOO_LONG), (1, uploads.NOT_CHECKED)])
def test_a_checking_process_that_dies_refuses_the_file(monkeypatch, status, sentence):
    def run(command, **_named):
        return subprocess.CompletedProcess(command, status, b"")

    monkeypatch.setattr(subprocess, "run", run)

    with pytest.raises(UploadRefused) as refused:
        accept(a_pdf(), "a.pdf")

    assert refused.value.sentence == sentence


def test_a_file_waits_its_turn_but_not_for_ever(monkeypatch):
    monkeypatch.setattr(uploads, "SECONDS", 0.01)
    monkeypatch.setattr(uploads, "AT_ONCE", threading.BoundedSemaphore(1))

    with uploads.AT_ONCE, pytest.raises(UploadRefused) as refused:
        accept(a_pdf(), "a.pdf")

    assert refused.value.sentence == uploads.NOT_CHECKED


def test_a_file_that_grew_over_20_mb_when_cleaned_is_refused(monkeypatch):
    larger = Cleaned("image/png", "png", bytes(LARGEST_FILE + 1), ())
    monkeypatch.setattr(uploads, "_cleaned_elsewhere", lambda _content: larger)

    with pytest.raises(UploadRefused, match="larger than 20 MB"):
        accept(b"x", "a.png")
