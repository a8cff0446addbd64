"""Uploads: good files come in without their metadata, bad ones are refused with a sentence that helps."""

import subprocess
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFile

from reviewflow import uploads
from reviewflow.uploads import UploadRefused, accept, cleaning, office, papers, pictures
from reviewflow.uploads.cleaning import clean
from reviewflow.uploads.limits import DAMAGED, LARGEST_FILE, Cleaned
from reviewflow.uploads.names import safe_name
from tests.rules.uploaded import (
    SECRET,
    a_located_photo,
    a_pdf,
    a_picture,
    a_word_file,
    a_workbook,
    everything_in,
    packed,
    refusal,
)


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


def test_a_picture_cut_short_is_refused_also_where_pdfs_are_made(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)

    assert refusal(a_picture("PNG")[:60]) == DAMAGED
