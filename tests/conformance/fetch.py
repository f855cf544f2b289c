"""Gets the test suites that libraries ship beside their code: the sources of the very versions that are installed.

And schemathesis, in an environment of its own: urllib3-future, which comes with the caldav package, is no urllib3 for
it, and its plugin for pytest is of no use here.

`python tests/conformance/fetch.py`; they go below the environment's own folder, see SUITES. Needs PyPI.
"""

import subprocess
import sys
import tarfile
import tempfile
import venv
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SUITES = Path(sys.prefix) / "suites"
PACKAGES = ("caldav", "vdirsyncer")
SCHEMATHESIS = SUITES / "schemathesis"
SCHEMATHESIS_VERSION = "schemathesis>=4.32,<5"


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


def install_schemathesis() -> None:
    venv.create(SCHEMATHESIS, with_pip=True)
    words = [str(SCHEMATHESIS / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*words, SCHEMATHESIS_VERSION], check=True)


def main() -> None:
    SUITES.mkdir(exist_ok=True)
    if not (SCHEMATHESIS / "bin" / "schemathesis").exists():
        install_schemathesis()
    for package in PACKAGES:
        if not suite(package).is_dir():
            fetch(package)


if __name__ == "__main__":
    main()
