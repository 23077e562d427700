"""HTTP tasks over TLS: whom they trust, and how they show who they are."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import podium
from podium.client import HttpPolicy
from podium.model.errors import InvalidRequest
from podium.model.runs import TaskRun

if shutil.which("openssl") is None:
    pytest.skip("there is no openssl to make a certificate with", allow_module_level=True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Make a certificate of this machine that signs itself; give the files of it and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    files = str(folder / "cert.pem"), str(folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    subprocess.run([*command, *names, "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


@pytest.fixture
def server(certificate: tuple[str, str], request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the address of a server with that certificate; with the parameter True it asks for one itself."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    if getattr(request, "param", False):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificate[0])
    served = HTTPServer(("127.0.0.1", 0), Handler)
    served.socket = context.wrap_socket(served.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{served.server_address[1]}/"
    served.shutdown()
    served.server_close()


def asked(address: str, policy: HttpPolicy) -> TaskRun:
    """Run one HTTP task."""
    made = podium.Workflow("one")
    made >> podium.http("ask", address)
    with podium.connect("memory://", http=policy) as client:
        (task,) = client.run(made, {}, timeout=30).tasks
    return task


def test_a_certificate_that_nobody_vouches_for_is_refused(server: str) -> None:
    """The task fails, and the reason says why; nothing was sent."""
    task = asked(server, HttpPolicy())

    assert task.status == "FAILED"
    assert "certificate verify failed" in (task.reason_for_incompletion or "")


def test_a_company_may_vouch_for_itself(server: str, certificate: tuple[str, str]) -> None:
    """``tls_ca`` is trusted instead of the usual certificates; without a check everybody is."""
    assert asked(server, HttpPolicy(tls_ca=certificate[0])).status == "COMPLETED"
    assert asked(server, HttpPolicy(tls_verify=False)).status == "COMPLETED"


@pytest.mark.parametrize("server", [True], indirect=True)
def test_an_engine_can_show_who_it_is(server: str, certificate: tuple[str, str]) -> None:
    """A server that asks for a certificate gets that of the policy, and no answer is taken without."""
    known = HttpPolicy(tls_ca=certificate[0], tls_certificate=certificate)

    assert asked(server, known).status == "COMPLETED"
    assert asked(server, HttpPolicy(tls_ca=certificate[0])).status == "FAILED"


@pytest.mark.parametrize("setting", ["tls_ca", "tls_certificate"])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, setting: str) -> None:
    """Where it is given, with the setting's name."""
    with pytest.raises(InvalidRequest, match=f"HttpPolicy: {setting}=.*none.pem' cannot be used: .*No such file"):
        HttpPolicy(**{setting: str(tmp_path / "none.pem")})  # type: ignore[arg-type]  # a setting by name
