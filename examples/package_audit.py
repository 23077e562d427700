"""
Audit the Python distributions that are installed where this runs.

Each distribution is audited by a sub-workflow of its own: its files are compared, a few hundred at a time, with the
hashes and sizes in its RECORD; its licence and its requirements are read; where the metadata name no licence, its
licence files are looked for. At the end stand ``report.json`` and ``report.md``.

Run it with ``podium run examples/package_audit.py:audit_packages -i output_dir=audit``; ``make demo`` kills it in the
middle and lets it go on.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs

from podium import fan_out, for_each, fork, switch, task, workflow

#: Files that one task verifies.
CHUNK = 250


@attrs.frozen
class DistributionName:
    """One distribution, by the name under which its metadata is found."""

    name: str


@attrs.frozen
class Inventory:
    """What is installed."""

    distributions: list[DistributionName]
    count: int


@attrs.frozen
class FileList:
    """How the files of a distribution are divided."""

    total: int
    offsets: list[int]


@attrs.frozen
class ChunkReport:
    """What became of some files."""

    verified: int
    #: Files that RECORD lists without a hash, such as RECORD itself.
    unhashed: int
    problems: list[str]


@attrs.frozen
class FileReport:
    """What became of all files."""

    verdict: str
    verified: int
    unhashed: int
    problems: list[str]


@attrs.frozen
class Facts:
    """What the metadata say."""

    version: str
    licence: str
    requirements: list[str]


@attrs.frozen
class Licence:
    """Under which terms a distribution comes, and where that stands."""

    text: str
    source: str


@attrs.frozen
class Audit:
    """Everything about one distribution."""

    name: str
    version: str
    verdict: str
    advice: str
    licence: str
    licence_source: str
    requirements: list[str]
    verified: int
    unhashed: int
    problems: list[str]


@attrs.frozen
class Summary:
    """Everything about all distributions."""

    distributions: int
    sound: int
    damaged: int
    files: int
    audits: list[dict[str, Any]]


@attrs.frozen
class Written:
    """A file that was written."""

    path: str


@attrs.frozen
class Result:
    """Where the reports are, and what they say in a line."""

    json_report: str
    markdown_report: str
    distributions: int
    damaged: int
    files: int


@task(retries=1, retry_delay="1s")
def list_distributions() -> Inventory:
    """List the distributions, each once."""
    names = sorted({dist.metadata["Name"] for dist in metadata.distributions() if dist.metadata["Name"]}, key=str.lower)
    return Inventory(distributions=[DistributionName(name=name) for name in names], count=len(names))


@task
def divide_files(name: str) -> FileList:
    """Count the files of a distribution and divide them."""
    total = len(metadata.distribution(name).files or ())
    return FileList(total=total, offsets=list(range(0, max(total, 1), CHUNK)))


@task(retries=1, retry_delay="1s", timeout="5m")
def verify_files(name: str, offset: int) -> ChunkReport:
    """Compare some files with RECORD."""
    problems: list[str] = []
    verified = unhashed = 0
    for file in (metadata.distribution(name).files or ())[offset : offset + CHUNK]:
        if file.hash is None:
            unhashed += 1
            continue
        try:
            content = Path(str(file.locate())).read_bytes()
        except OSError as error:
            problems.append(f"{file}: {error.strerror}")
            continue
        digest = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest()).rstrip(b"=").decode()
        if digest != file.hash.value:
            problems.append(f"{file}: its {file.hash.mode} is not that of RECORD")
        elif file.size is not None and file.size != len(content):
            problems.append(f"{file}: {len(content)} bytes instead of {file.size}")
        else:
            verified += 1
    return ChunkReport(verified=verified, unhashed=unhashed, problems=problems)


@task
def add_up(chunks: dict[str, Any]) -> FileReport:
    """Add the loop's iterations up."""
    reports = [chunk["verify_files"] for number, chunk in chunks.items() if number.isdigit()]
    problems = [problem for report in reports for problem in report["problems"]]
    return FileReport(
        verdict="DAMAGED" if problems else "SOUND",
        verified=sum(report["verified"] for report in reports),
        unhashed=sum(report["unhashed"] for report in reports),
        problems=problems,
    )


@task
def read_metadata(name: str) -> Facts:
    """Read version, licence and requirements."""
    found = metadata.metadata(name)

    def every(field: str) -> list[str]:
        return [str(value) for value in found.get_all(field) or ()]

    classifiers = [value.split(" :: ")[-1] for value in every("Classifier") if value.startswith("License ::")]
    named = [text.strip() for text in (*every("License-Expression"), *every("License"), ", ".join(classifiers))]
    licence = next((text for text in named if text), "UNKNOWN")
    return Facts(
        version=every("Version")[0],
        licence=licence.splitlines()[0][:80],
        requirements=sorted(every("Requires-Dist")),
    )


@task
def take_licence(licence: str) -> Licence:
    """Take the licence as the metadata name it."""
    return Licence(text=licence, source="metadata")


@task
def search_licence(name: str) -> Licence:
    """Look for licence files; give the first line of the first that says anything."""
    for file in metadata.distribution(name).files or ():
        if file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
            for line in _lines(Path(str(file.locate()))):
                return Licence(text=line[:80], source=str(file))
    return Licence(text="UNKNOWN", source="nowhere")


def _lines(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    yield from (line.strip() for line in text.splitlines() if line.strip())


@task
def advise(name: str, problems: list[str]) -> str:
    """Say what to do about a damaged distribution."""
    return f"reinstall {name}: {len(problems)} of its files differ from RECORD"


@task
def praise() -> str:
    """There is nothing to do."""
    return "nothing to do"


@workflow(timeout="30m")
def audit_distribution(name: str) -> Audit:
    """Audit one distribution."""
    files = divide_files(name)
    with for_each("chunks", files.output.offsets) as chunks:
        verify_files(name, chunks.item)
    report = add_up(chunks.output)
    facts = read_metadata(name)
    with switch("licence", facts.output.licence) as licence:
        with licence.case("UNKNOWN"):
            searched = search_licence(name)
        with licence.otherwise():
            taken = take_licence(facts.output.licence)
    terms = licence.merge(searched, taken)
    with switch("verdict", report.output.verdict) as verdict:
        with verdict.case("DAMAGED"):
            advice = advise(name, report.output.problems)
        with verdict.otherwise():
            nothing = praise()
    said = verdict.merge(advice, nothing)
    return Audit(
        name=name,
        version=facts.output.version,
        verdict=report.output.verdict,
        advice=said.output,
        licence=terms.output.text,
        licence_source=terms.output.source,
        requirements=facts.output.requirements,
        verified=report.output.verified,
        unhashed=report.output.unhashed,
        problems=report.output.problems,
    )


@task
def summarise(audits: Mapping[str, Any]) -> Summary:
    """Bring the audits of all distributions together, by name."""
    ordered = sorted(audits.values(), key=lambda audit: audit["name"].lower())
    return Summary(
        distributions=len(ordered),
        sound=sum(audit["verdict"] == "SOUND" for audit in ordered),
        damaged=sum(audit["verdict"] == "DAMAGED" for audit in ordered),
        files=sum(audit["verified"] for audit in ordered),
        audits=ordered,
    )


@task
def write_json(summary: Summary, output_dir: str) -> Written:
    """Write ``report.json``."""
    path = Path(output_dir, "report.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(attrs.asdict(summary), indent=2) + "\n", encoding="utf-8")
    return Written(path=str(path))


@task
def write_markdown(summary: Summary, output_dir: str) -> Written:
    """Write ``report.md``."""
    path = Path(output_dir, "report.md")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_markdown(summary), encoding="utf-8")
    return Written(path=str(path))


def _markdown(summary: Summary) -> str:
    lines = [
        "# Installed distributions",
        "",
        (
            f"{summary.distributions} distributions, {summary.files} files verified; "
            f"{summary.sound} sound, {summary.damaged} damaged."
        ),
        "",
        "| distribution | version | files | verdict | licence | requires |",
        "|---|---|---:|---|---|---:|",
    ]
    lines += [
        f"| {audit['name']} | {audit['version']} | {audit['verified']} | {audit['verdict']} "
        f"| {audit['licence'].replace('|', '/')} | {len(audit['requirements'])} |"
        for audit in summary.audits
    ]
    for audit in summary.audits:
        if audit["problems"]:
            lines += ["", f"## {audit['name']}", "", f"{audit['advice']}.", ""]
            lines += [f"- {problem}" for problem in audit["problems"][:20]]
            if len(audit["problems"]) > 20:
                lines.append(f"- … and {len(audit['problems']) - 20} more")
    return "\n".join(lines) + "\n"


@workflow(owner="audit@example.com", timeout="1h")
def audit_packages(output_dir: str = "audit") -> Result:
    """Audit every installed distribution and write the reports."""
    found = list_distributions()
    audits = fan_out("audit_all", audit_distribution, found.output.distributions)
    summary = summarise(audits.output)
    with fork("reports") as reports:
        with reports.branch():
            data = write_json(summary.output, output_dir)
        with reports.branch():
            text = write_markdown(summary.output, output_dir)
    return Result(
        json_report=data.output.path,
        markdown_report=text.output.path,
        distributions=summary.output.distributions,
        damaged=summary.output.damaged,
        files=summary.output.files,
    )
