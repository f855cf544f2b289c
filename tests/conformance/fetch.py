"""Gets the test suites that libraries ship beside their code: the sources of the very versions that are installed.

`python tests/conformance/fetch.py`; they go below the environment's own folder, see SUITES. Needs PyPI.
"""

import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SUITES = Path(sys.prefix) / "suites"
PACKAGES = ("caldav", "vdirsyncer")


def suite(package: str) -> Path:
    """Where the sources of the installed version are, or would be."""
    try:
        return SUITES / f"{package}-{version(package)}"
    except PackageNotFoundError:
        return SUITES / f"{package}-none"


def fetch(package: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps"]
        words += ["--no-binary", package, "--dest", folder, f"{package}=={version(package)}"]
        subprocess.run(words, check=True)
        [archive] = Path(folder).iterdir()
        with tarfile.open(archive) as opened:
            opened.extractall(SUITES, filter="data")


def main() -> None:
    SUITES.mkdir(exist_ok=True)
    for package in PACKAGES:
        if not suite(package).is_dir():
            fetch(package)


if __name__ == "__main__":
    main()
