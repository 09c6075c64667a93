"""Gets what the tests need of the machine beyond Python packages, or says exactly what is missing and what won't run.

Run by `make test` before pytest. With CI=true anything that would not run is a failure.
"""

import os
import shutil
import subprocess
import sys

#: Chromium without a window's frame takes half the processor time of the whole one, which does as well.
_CHROMIUM = ("chromium-headless-shell", "chromium")
#: What is looked for, the Debian packages that bring it, and what doesn't run without it.
_NEEDS = [
    (_CHROMIUM, ["chromium-headless-shell", "fonts-dejavu-core"], "the browser tests (tests/browser, tests/journeys)"),
    (("tesseract",), ["tesseract-ocr", "tesseract-ocr-vie"], "what reads pictures (tests/ingest/test_ocr.py)"),
    (("soffice",), ["libreoffice-impress-nogui"], "what turns presentations into PDF (tests/ingest/test_office.py)"),
]


def chromium() -> str | None:
    """The path of this machine's Chromium."""
    return next(filter(None, map(shutil.which, _CHROMIUM)), None)


def main() -> int:
    missing = [need for need in _NEEDS if not any(map(shutil.which, need[0]))]
    if missing:
        _install([package for _, packages, _ in missing for package in packages])
        missing = [need for need in missing if not any(map(shutil.which, need[0]))]
    for programs, packages, tests in missing:
        print(
            f"Missing: {programs[0]}. Not run: {tests}. To run them: apt-get install {' '.join(packages)}", flush=True
        )
    return 1 if missing and os.environ.get("CI") == "true" else 0


def _install(packages: list[str]) -> None:
    apt = shutil.which("apt-get")
    if apt is None:
        print("There is no apt-get here to install with.", flush=True)
        return
    as_root = [] if os.geteuid() == 0 else [shutil.which("sudo") or "sudo", "-n"]
    if as_root and subprocess.run([*as_root, "true"], capture_output=True, check=False).returncode != 0:
        print("Installing needs root, and sudo asks for a password.", flush=True)
        return
    print(f"Installing {' '.join(packages)} …", flush=True)
    quiet = {"stdout": subprocess.DEVNULL}
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*as_root, apt, "update", "-qq"], check=False, env=environment, **quiet)
    command = [*as_root, apt, "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, check=False, env=environment, **quiet)


if __name__ == "__main__":
    sys.exit(main())
