"""The built distributions: what a user installs is whole, and works where no checkout is near."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TIMEOUT_S = 600

# One worker builds and installs once for all of these.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and with the wheel that was built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> Path:
    """The wheel."""
    (path,) = distributions.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a new environment that holds the wheel, and borrows all that archspec depends on.

    The borrowed folders come by a `.pth` file. Python does not read the `.pth` files inside such folders, so the
    editable install that may lie there, and with it the checkout, stays out of sight.
    """
    environment = tmp_path_factory.mktemp("environment")
    _run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=environment)
    python = environment / "bin" / "python"
    # Before borrowing: pip would otherwise find archspec installed already.
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=environment)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    borrowed = [entry for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"}]
    (site_packages / "borrowed.pth").write_text("\n".join(borrowed) + "\n", encoding="utf-8")
    return environment / "bin"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """An empty folder, so that nothing can be found by where the command happens to run."""
    return tmp_path


def test_the_wheel_carries_the_specs_the_schema_and_the_types(wheel: Path) -> None:
    """Whatever `archspec` reads at run time is inside the package."""
    shipped = {f"archspec/{path.relative_to(ROOT)}" for path in ROOT.glob("architectures/**/*.yaml")}
    assert "archspec/architectures/lenet.yaml" in shipped
    expected = shipped | {"archspec/schemas/archspec.schema.json", "archspec/py.typed"}
    expected |= {"archspec/architectures/gallery.json"}
    assert expected - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_wheel_carries_nothing_but_the_package(wheel: Path) -> None:
    """Installing archspec adds one name to what can be imported."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"archspec"}


def test_no_distribution_carries_caches(distributions: Path, wheel: Path) -> None:
    """What tools leave behind in a checkout is not published."""
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = archive.getnames() + zipfile.ZipFile(wheel).namelist()
    caches = {"__pycache__", ".venv", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
    assert [name for name in names if caches & set(name.split("/"))] == []


def test_the_package_comes_from_the_wheel(installed: Path, elsewhere: Path) -> None:
    """The tests below prove something only if they do not read the checkout."""
    program = "import archspec; print(archspec.__file__)"
    file = Path(_run(installed / "python", "-c", program, cwd=elsewhere).strip())
    assert file.is_relative_to(installed.parent)


def test_a_shipped_architecture_builds(installed: Path, elsewhere: Path) -> None:
    """`archspec build lenet` works right after `pip install`, from any folder."""
    assert "LeNet" in _run(installed / "archspec", "build", "lenet", cwd=elsewhere)


def test_the_shipped_architectures_are_listed(installed: Path, elsewhere: Path) -> None:
    """`archspec list` finds the specs inside the package, and their sizes beside them."""
    listed = _run(installed / "archspec", "list", cwd=elsewhere).splitlines()
    assert next(line for line in listed if line.startswith("lenet ")).split()[:4] == ["lenet", "-", "62.0K", "652K"]


def _run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed, unaware of any checkout, and return what it printed."""
    hidden = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden} | {"NO_COLOR": "1"}
    finished = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        check=False,
    )
    assert finished.returncode == 0, f"{command} exits {finished.returncode}:\n{finished.stdout}"
    return finished.stdout
