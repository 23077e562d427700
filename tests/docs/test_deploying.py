"""The files of deploy/: what can be checked without a container, a cluster or a machine of one's own."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from podium.cli.main import app

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def documents(name: str) -> list[Any]:
    """Return what a YAML file holds."""
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def command_lines() -> Iterator[list[str]]:
    """Yield the words behind ``podium`` of everything that starts it."""
    for unit in DEPLOY.glob("*.service"):
        (line,) = re.findall(r"^ExecStart=\S+/podium (.+)$", unit.read_text(), re.MULTILINE)
        yield shlex.split(line)
    (line,) = re.findall(r"^CMD (.+)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    yield json.loads(line)
    services = documents("compose.yaml")[0]["services"]
    yield from (service["command"] for service in services.values() if service.get("image") == "podium")
    for each in documents("kubernetes.yaml"):
        if each["kind"] == "Deployment":
            pod = each["spec"]["template"]["spec"]
            yield from (container["args"] for container in [*pod.get("initContainers", []), *pod["containers"]])
    for file in DEPLOY.iterdir():
        for words in re.findall(r"(?:podium|run --rm server) (keys new .+)$", file.read_text(), re.MULTILINE):
            yield shlex.split(words)


@pytest.mark.parametrize("words", list(command_lines()), ids=" ".join)
def test_each_command_line_is_one_of_podium(words: list[str]) -> None:
    """Its options are there, and take what is given."""
    command: Any = get_command(app)
    rest = list(words)
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    command.make_context("podium", rest)


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda unit: str(unit.name))
def test_the_units_are_units(tmp_path: Path, unit: Path) -> None:
    """``systemd-analyze verify`` finds nothing to say, once the program is where they say."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/podium/bin/podium", sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_manifests_fit_their_schemas() -> None:
    """Those of Kubernetes itself, strictly: no field is misspelt."""
    validating = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    kinds = []
    for each in documents("kubernetes.yaml"):
        validating.validate(each, "1.31", strict=True)
        kinds.append(each["kind"])
    assert kinds == ["Deployment", "Service", "PodDisruptionBudget", "Deployment", "HorizontalPodAutoscaler"]


def test_what_belongs_together_is_called_the_same() -> None:
    """Selectors find their pods, the service its port, and the scaler its deployment."""
    found = {(each["kind"], each["metadata"]["name"]): each["spec"] for each in documents("kubernetes.yaml")}
    server = found["Deployment", "podium-server"]["template"]
    assert found["Service", "podium"]["selector"] == server["metadata"]["labels"]
    assert found["PodDisruptionBudget", "podium-server"]["selector"]["matchLabels"] == server["metadata"]["labels"]
    assert found["Service", "podium"]["ports"][0]["targetPort"] == server["spec"]["containers"][0]["ports"][0]["name"]
    scaled = found["HorizontalPodAutoscaler", "podium-worker"]["scaleTargetRef"]
    assert (scaled["kind"], scaled["name"]) in found
    for name in ("podium-server", "podium-worker"):
        spec = found["Deployment", name]
        assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]


def test_the_containers_know_each_other() -> None:
    """Services of the compose file wait for services that are there, and read an environment that is told of."""
    (compose,) = documents("compose.yaml")
    services = compose["services"]
    for service in services.values():
        assert set(service.get("depends_on", [])) <= services.keys()
        assert set(service.get("volumes", [])) <= {"database:/var/lib/postgresql/data", "../examples:/work:ro"}
    told = (DEPLOY / "podium.env.example").read_text()
    for name in ("PODIUM_DB", "PODIUM_SECRETS_KEY", "CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET"):
        assert f"\n{name}=" in told
