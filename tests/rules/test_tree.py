"""What may lie in this repository, and what may not."""

import ast
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ("requirements.txt", "requirements-test.txt", "requirements-assets.txt")
LOCK_FILES = {"uv.lock", "pylock.toml", "package-lock.json", "poetry.lock", "Pipfile.lock", "yarn.lock"}
VENDOR = ROOT / "static" / "vendor"


def listed(*words: str) -> list[str]:
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", *words]
    return subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")[:-1]


def texts() -> Iterator[tuple[str, str]]:
    for name in listed():
        path = ROOT / name
        if path.is_file() and b"\0" not in (raw := path.read_bytes()):
            yield name, raw.decode("utf-8")


def pins(name: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_name_no_host_and_no_place(name):
    lines = (ROOT / name).read_text().splitlines()

    assert [line for line in lines if "://" in line or line.startswith("-") or "/" in line] == []


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirement_is_pinned_by_hash(name):
    text = re.sub(r"\\\n\s*", "", (ROOT / name).read_text())
    entries = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]

    assert len(entries) > 0
    assert [line for line in entries if "==" not in line or "--hash=sha256:" not in line] == []


def test_pins_are_those_pyproject_asks_for():
    declared = [Requirement(line) for line in project()["project"]["dependencies"]]
    for_tests = [Requirement(line) for line in project()["dependency-groups"]["test"]]
    run, test = pins("requirements.txt"), pins("requirements-test.txt")

    assert [str(one) for one in declared if run.get(canonicalize_name(one.name)) not in one.specifier] == []
    assert [str(one) for one in for_tests if test.get(canonicalize_name(one.name)) not in one.specifier] == []
    assert run.items() <= test.items()


@pytest.mark.parametrize(
    ("places", "requirements"),
    [
        (("reviewflow", "migrations", "wsgi.py"), "requirements.txt"),
        (("tests",), "requirements-test.txt"),
    ],
)
def test_everything_imported_is_pinned(places, requirements):
    ours = {"reviewflow", "tests", "wsgi"}
    names = {canonicalize_name(name) for name in pins(requirements)}
    distributions = packages_distributions()
    strangers = set()

    for name in listed(*places):
        if not name.endswith(".py") or not (ROOT / name).is_file():
            continue
        for module in imported(ROOT / name) - ours - sys.stdlib_module_names:
            made_by = {canonicalize_name(one) for one in distributions.get(module, [])}
            if not made_by & names:
                strangers.add(f"{name} imports {module}")

    assert strangers == set()


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_no_lock_file_lies_in_the_tree():
    assert [name for name in listed() if Path(name).name in LOCK_FILES] == []


def test_no_text_names_a_place_on_one_machine():
    here = [place for place in (ROOT, Path.home(), Path(sys.prefix).resolve()) if len(place.parts) > 2]
    of_a_person = re.compile(
        r"/(?:home|Users)/\w+/|/(?:root)/|" + "|".join(re.escape(f"{one}/") for one in here)
    )

    assert [name for name, text in texts() if of_a_person.search(text)] == []


def test_no_text_names_a_package_host():
    host = re.compile(r"pypi\.(?:org|python)|pythonhosted\.|registry\.npmjs|registry\.yarnpkg|deb\.debian\.")

    assert [name for name, text in texts() if host.search(text)] == []


def test_rooms_stay_small():
    limits = {"engine": 250}
    sizes = {
        path.relative_to(ROOT).as_posix(): (len(path.read_text().splitlines()), limits.get(path.stem, 400))
        for path in (ROOT / "reviewflow").rglob("*.py")
    }

    assert {name: lines for name, (lines, limit) in sizes.items() if lines >= limit} == {}


def test_what_the_build_machine_calls_can_be_run():
    modes = {line.split("\t")[1]: line.split()[0] for line in listed("--stage", ".ci")}

    assert modes[".ci/run"] == modes[".ci/lint"] == modes[".ci/packages"] == modes[".ci/pins"] == "100755"


@pytest.mark.skipif(not VENDOR.is_dir(), reason="the front-end assets have not been fetched")
def test_assets_hold_neither_the_typeface_nor_the_crown_of_gov_uk():
    css = "".join(path.read_text() for path in VENDOR.rglob("*.css"))
    pictures = [path for path in VENDOR.rglob("*") if path.suffix in {".svg", ".png", ".ico", ".woff"}]

    assert "Atkinson Hyperlegible Next" in css
    assert [word for word in ("GDS Transport", "crown", "crest", "/assets/", "url(http") if word in css] == []
    assert pictures == []


def test_our_own_styles_do_not_name_the_typeface_of_gov_uk():
    named = [name for name in listed("*.css", "templates") if "GDS Transport" in (ROOT / name).read_text()]

    assert named == []


def test_nothing_is_fetched_from_another_site_by_a_page():
    elsewhere = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//(?!www\.w3\.org)""")
    loads = re.compile(r"<(?:script|link|img|iframe|form)\b[^>]*" + elsewhere.pattern)

    assert [name for name in listed("templates") if loads.search((ROOT / name).read_text())] == []


def test_temporary_folders_are_not_named():
    temporary = re.compile(r"""["']""" + re.escape(tempfile.gettempdir()) + "/")

    assert [name for name in listed("reviewflow") if temporary.search((ROOT / name).read_text())] == []
