"""
The demonstration behind ``make demo``: an audit of the installed packages, killed in the middle and resumed.

It starts ``podium run examples/package_audit.py:audit_packages`` in a process of its own, kills that process with
SIGKILL when a third of the work is done, shows what the store says of the run, lets ``podium resume`` bring it to its
end, and writes the report, the definition and the picture of the run into ``demo-output/``.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import podium
from podium import Client, TaskRun, WorkflowRun

ROOT = Path(__file__).resolve().parent.parent
#: The folder for everything that the demonstration writes; another one may be named on the command line.
OUTPUT = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "demo-output"
SUBJECT = "examples/package_audit.py:audit_packages"
PATIENCE_S = 120


def main() -> int:
    """Show it; gives the process's exit code."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    database = f"sqlite:///{OUTPUT / 'podium.db'}"
    say("1. An audit of the distributions installed here, run durably on SQLite")
    process = subprocess.Popen(
        [sys.executable, "-m", "podium", "run", SUBJECT, "-i", f"output_dir={OUTPUT}", "--db", database],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with podium.connect(database) as client:
        run_id = kill_in_the_middle(client, process)
        before = finished(client, run_id)
        say("2. What the store says after the kill")
        podium_cli("list", "--db", database, "--name", "audit_packages")
        say("3. Another process takes the run up and brings it to its end")
        podium_cli("resume", run_id, SUBJECT, "--db", database, quiet=True)
        run = client.get(run_id)
        after = finished(client, run_id)
    if not run.status.is_successful:
        print(f"the run ended {run.status}: {run.reason}")
        return 1
    compare(before, after)
    show(run)
    return 0


def kill_in_the_middle(client: Client, process: subprocess.Popen[bytes]) -> str:
    """Wait until a third of the sub-workflows have ended, then kill the process that runs them; give the run's id."""
    deadline = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        for summary in client.search(name="audit_packages", limit=1):
            total = len(client.search(parent_id=summary.workflow_id, limit=10_000))
            ended = len(client.search(parent_id=summary.workflow_id, status="COMPLETED", limit=10_000))
            if total and ended * 3 >= total:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                print(f"   killed process {process.pid} with SIGKILL: {ended} of {total} distributions were audited")
                return summary.workflow_id
        time.sleep(0.005)
    raise SystemExit(f"the audit ended before it could be killed (exit code {process.poll()})")


def finished(client: Client, run_id: str) -> dict[str, TaskRun]:
    """Give every completed worker attempt of the sub-workflows, by its id."""
    children = client.search(parent_id=run_id, limit=10_000)
    runs = [client.get(child.workflow_id) for child in children]
    return {attempt.task_id: attempt for run in runs for attempt in run.tasks if attempt.worker_id and attempt.end_time}


def compare(before: dict[str, TaskRun], after: dict[str, TaskRun]) -> None:
    """Say what became of the results that were committed before the kill."""
    changed = [key for key, attempt in before.items() if after.get(key) != attempt]
    print(f"   {len(before)} results were committed before the kill; lost or redone: {len(changed)}")
    print(f"   {len(after)} tasks ran in the sub-workflows, by kind:")
    kinds = Counter(attempt.task_type for attempt in after.values())
    print("   " + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    if changed:
        raise SystemExit(f"results changed after the kill: {changed}")


def show(run: WorkflowRun) -> None:
    """Write and name the report, the definition and the picture."""
    say("4. The report")
    for line in (OUTPUT / "report.md").read_text().splitlines()[:16]:
        print(f"   {line}")
    say("5. The definition and the picture of the run")
    picture = run.render(str(OUTPUT / "run.svg"))
    podium_cli("export", SUBJECT, "-o", str(OUTPUT / "definition.json"))
    for line in (OUTPUT / "definition.json").read_text().splitlines()[:12]:
        print(f"   {line}")
    print("   …\n")
    files = ("report.md", "report.json", "definition.json", Path(picture).name)
    for name in files:
        print(f"   {shown(OUTPUT / name)} ({(OUTPUT / name).stat().st_size:,} bytes)")
    print(f"\n   look closer: .venv/bin/podium show {run.workflow_id} --db sqlite:///{shown(OUTPUT / 'podium.db')}")


def shown(path: Path) -> str:
    """Give a path as a reader in the checkout would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def podium_cli(*arguments: str, quiet: bool = False) -> None:
    """Run a ``podium`` command as a user would."""
    print(f"   $ podium {' '.join(arguments[:2])} …", flush=True)
    output = subprocess.DEVNULL if quiet else None
    subprocess.run([sys.executable, "-m", "podium", *arguments], cwd=ROOT, check=True, stdout=output, stderr=output)


def say(title: str) -> None:
    """Print a heading."""
    print(f"\n{title}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
