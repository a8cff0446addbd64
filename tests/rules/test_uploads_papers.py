"""Uploaded PDFs: their pages come in; scripts, attachments and properties do not."""

import io
import zlib

import pikepdf
import pytest
from PIL import Image

from reviewflow.uploads import (
    UploadRefused,
    accept,
    papers,
)
from reviewflow.uploads.cleaning import clean
from reviewflow.uploads.limits import BOMB, DAMAGED
from tests.rules.uploaded import (
    SECRET,
    a_located_photo,
    a_pdf,
    packed,
    refusal,
)


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
