"""A wheel, installed away from the checkout, finds what lies at the top of the repository."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from reviewflow.settings import resource_folder

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("examples", "migrations", "static", "templates", "workflows")
TELL = (
    "import sys; from reviewflow.settings import resource_folder; print(*map(resource_folder, sys.argv[1:]))"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    words = ["wheel", "-qq", "--no-index", "--no-deps", "--no-build-isolation", "-w", folder, ROOT]
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *words], check=True, cwd=folder
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def relative(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_carries_every_file_of_each_folder(installed):
    for name in FOLDERS:
        assert relative(installed / "reviewflow/resources" / name) == relative(resource_folder(name)), name


def test_an_installed_reviewflow_finds_its_own_folders(installed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}

    told = subprocess.run(
        [sys.executable, "-P", "-c", TELL, *FOLDERS],
        cwd=tmp_path, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert told.stdout.split() == [str(installed / "reviewflow/resources" / name) for name in FOLDERS]


def test_a_checkout_finds_the_folders_at_the_top():
    assert [resource_folder(name) for name in FOLDERS] == [ROOT / name for name in FOLDERS]


def test_a_missing_folder_is_named():
    with pytest.raises(FileNotFoundError, match="the folder pictures is missing"):
        resource_folder("pictures")
