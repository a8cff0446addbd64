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
ASK = """
from reviewflow.app import create_app
from reviewflow.settings import read_settings

client = create_app(read_settings()).test_client()
for path in ("/nowhere", "/static/none", "/static/site.css", "/static/vendor/govuk-frontend.min.css"):
    print(client.get(path).status_code)
"""


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


@pytest.fixture
def away(installed, tmp_path):
    """Runs Python on the installed ReviewFlow, away from the checkout, and gives what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "REVIEWFLOW_DATA": str(tmp_path / "var")}

    def run(*words: str) -> str:
        command = [sys.executable, "-P", *words]
        done = subprocess.run(command, cwd=tmp_path, env=environment, check=True, stdout=subprocess.PIPE)
        return done.stdout.decode()

    return run


def test_an_installed_reviewflow_finds_its_own_folders(installed, away):
    told = away("-c", TELL, *FOLDERS).split()

    assert told == [str(installed / "reviewflow/resources" / name) for name in FOLDERS]


def test_an_installed_reviewflow_makes_its_tables_and_answers(away):
    migrated = away("-m", "reviewflow", "migrate", "up")
    answered = away("-c", ASK)

    assert "The database is at version" in migrated
    assert answered.split() == ["404", "404", "200", "200"]


def test_a_checkout_finds_the_folders_at_the_top():
    assert [resource_folder(name) for name in FOLDERS] == [ROOT / name for name in FOLDERS]


def test_a_missing_folder_is_named():
    with pytest.raises(FileNotFoundError, match="the folder pictures is missing"):
        resource_folder("pictures")
