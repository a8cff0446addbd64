"""Uploaded pictures, and pictures inside documents: the same to look at, and nothing else in them."""

import io
import zipfile
import zlib

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from reviewflow.uploads import (
    pictures,
)
from reviewflow.uploads.cleaning import clean
from reviewflow.uploads.segments import without_metadata
from tests.rules.uploaded import (
    SECRET,
    a_located_photo,
    a_picture,
    packed,
    refusal,
)


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


def test_a_picture_of_more_than_50_million_pixels_is_refused():
    header = bytearray(a_picture("PNG"))
    header[16:24] = (8_000).to_bytes(4, "big") + (8_000).to_bytes(4, "big")
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")
    larger = bytearray(header)
    larger[16:24] = (60_000).to_bytes(4, "big") * 2
    larger[29:33] = zlib.crc32(larger[12:29]).to_bytes(4, "big")

    assert refusal(bytes(header)) == pictures.TOO_MANY_PIXELS
    assert refusal(bytes(larger)) == pictures.TOO_MANY_PIXELS
