"""PNG and JPEG pictures: drawn again from their pixels, so that nothing else in the file survives."""

import io

from PIL import ExifTags, Image, ImageCms, ImageFile, JpegImagePlugin

from reviewflow.uploads.limits import (
    DAMAGED,
    MOST_PIXELS,
    MOST_SCANS,
    Cleaned,
    UploadRefused,
)

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
TOO_MANY_PIXELS = (
    "The picture is too large: it may have at most 50 million pixels. Make it smaller and try again."
)
REMOVED = "Details stored in the picture, such as the camera, the date or the author, were removed."
PLACE_REMOVED = "The place where the picture was taken was stored in it and was removed."
FIRST_ONLY = "The file holds more than one picture. Only the first was kept."
TURNED = "The picture was turned the right way up."
HARMLESS = frozenset(
    {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "gamma", "srgb", "chromaticity"}
    | {"transparency", "icc_profile", "progressive", "progression", "adobe", "adobe_transform", "interlace"}
)


def clean_picture(content: bytes) -> Cleaned:
    """The same picture, upright, in sRGB, without EXIF, GPS, comments, previews or trailing bytes.

    A JPEG keeps the quality it had (its own quantisation tables), because small marks can be evidence.
    """
    form = "PNG" if content.startswith(PNG) else "JPEG"
    # A scan costs a pass over the whole picture and only a few bytes of the file.
    if form == "JPEG" and content.count(b"\xff\xda") > MOST_SCANS:
        raise UploadRefused(DAMAGED)
    with _opened(content, form) as image:
        image.load()
        notes = _notes(image)
        out = io.BytesIO()
        if form == "PNG":
            _upright(image).save(out, "PNG")
        else:
            _upright(image).save(out, "JPEG", **_same_quality(image))
    media_type, extension = ("image/png", "png") if form == "PNG" else ("image/jpeg", "jpg")
    return Cleaned(media_type, extension, out.getvalue(), notes)


def _opened(content: bytes, form: str) -> Image.Image:
    # WeasyPrint, once imported, makes Pillow take pictures that are cut short.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image = Image.open(io.BytesIO(content), formats=(form,))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise UploadRefused(TOO_MANY_PIXELS) from bomb
    if image.width * image.height > MOST_PIXELS:
        raise UploadRefused(TOO_MANY_PIXELS)
    return image


def _notes(image: Image.Image) -> tuple[str, ...]:
    exif = image.getexif()
    notes = []
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        notes.append(PLACE_REMOVED)
    if len(exif) > 0 or not HARMLESS.issuperset(image.info):
        notes.append(REMOVED)
    if getattr(image, "n_frames", 1) > 1:
        notes.append(FIRST_ONLY)
    if exif.get(ExifTags.Base.Orientation) in TURNS:
        notes.append(TURNED)
    return tuple(notes)


def _upright(image: Image.Image) -> Image.Image:
    turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    drawn = _in_srgb(image)
    if turn is not None:
        drawn = drawn.transpose(turn)
    drawn.info = {key: image.info[key] for key in ("transparency",) if key in image.info}
    return drawn


def _in_srgb(image: Image.Image) -> Image.Image:
    """A profile names the device it was made for; its colours are worked in and the profile goes."""
    profile = image.info.get("icc_profile")
    wanted = {"RGB": "RGB", "RGBA": "RGBA", "CMYK": "RGB"}.get(image.mode)
    if profile and wanted:
        try:
            drawn = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode=wanted,
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            drawn = None  # an unreadable profile: the bare colours are the best there is
        if drawn is not None:
            return drawn
    return image.convert("RGB") if image.mode == "CMYK" else image.copy()


def _same_quality(image: Image.Image) -> dict[str, object]:
    tables = getattr(image, "quantization", None)
    if image.mode not in ("L", "RGB") or not tables:
        return {"quality": 92}
    return {"qtables": tables, "subsampling": JpegImagePlugin.get_sampling(image), "optimize": False}
