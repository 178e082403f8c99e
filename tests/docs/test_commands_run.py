"""Every command that a page shows is run, in the order of the page; those that are not stand here with a reason."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration import postgres, prometheus
from tests.integration.ports import free_port
from tests.processes import starts_process
from tests.resilience import nginx

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "README.md", ROOT / "SECURITY.md", *ROOT.glob("deploy/**/*.md"), *ROOT.glob("docs/**/*.md"))
)
PROGRAMS = (
    "cds-service|python3?|make|curl|prometheus|nginx|docker|kubectl|pg_dump|pg_restore|"
    "cp|mkdir|cd|cat|sed|grep|export|pytest"
)
COMMAND = re.compile(rf"(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?(?:{PROGRAMS})\b")

NOT_RUN = {
    r"make (demo|test)$": "the build runs them themselves (.ci/run)",
    r"make serve$": "is `cds-service serve` on the port of the reader's own",
    r"(\.venv/bin/)?cds-service check http": "runs against real services in tests/integration",
    r"(\.venv/bin/)?cds-service sandbox ": "needs a FHIR server of the reader's own; tests/integration has one",
    r"CDS_TERMINOLOGY_DIR=/etc/|curl -s \S+/cds-services \| grep -o 'hospital": "needs the site's own folder of codes",
    r"(\.venv/bin/)?cds-service replay ": "needs decisions that a running service has kept",
    r"pip install ": "is for a package that was published",
    r"prometheus --config\.file=\S+ --web\.console\.templates=\S+$": "runs in the whole chain",
    r"docker ": "needs a container engine",
    r"kubectl ": "needs a cluster",
    r"pg_(dump|restore) ": "needs a server of the reader's own",
    r"(cd deploy/compose|cp environment\.example|mkdir -p secrets|cp \.\.\./fullchain|python3 -c .import secrets)": (
        "prepares what only a container engine can start"
    ),
    r"(printf|chown|chmod) .*secrets/": "prepares what only a container engine can start",
}
ENDS_WITH = {
    r"\.?\S*cds-service knowledge diff ": 1,  # as diff(1) does: 1 where the two differ
    r"\.?\S*cds-service knowledge check --on ": 1,  # on that day something awaits its review
}
WHOLE_CHAIN = "docs/tutorial/whole-chain.md"
PATIENCE_S = 1800  # for a page whose commands hang; one that works waits for none of it
PORTS = ("5433", "8443", "9091")  # of the programs that pages start beside the service
SAID = {  # what a page promises of its commands, in words of their output
    "README.md": ['"cards":[{', "CLM-2001", "No data for prefetch key", "Options to discuss"],
    "docs/tutorial/integrator.md": [
        "crc-lung-metastasis-order-sign",
        "CLM-2001",
        '{"cards":[]}',
        '{"kept":1,"repeated":0}',
    ],
    "docs/tutorial/tester.md": ["Options to discuss", '"dataQuality"'],
    "docs/tutorial/clinician.md": ["refer to MDT", "What is missing", "[ ] Refer to the MDT"],
    "docs/tutorial/governance-lead.md": ["sbrt.maxDiameterMm", "40"],
    "docs/tutorial/operator.md": [
        "refused with exit code 2",
        "CDS_TRUSTED_ISSUERS",
        '"status":"pass"',
        '"cards":[{',
        "CLM-1000",
        "cds_decisions_total{",
    ],
    "docs/tutorial/auditor.md": ["the same", "sha256:", "the same clinical content", "CycloneDX"],
    WHOLE_CHAIN: [
        '"status":"pass"',
        ": refer to MDT",
        "CLM-1000",
        "there is no Authorization header",
        '{"kept":1,"repeated":0}',
        "| overridden |",
        '{"cards":[]}',
        "Decisions by outcome",
        "a minute",
        "Nothing that SHALL be is missing",
    ],
}


def blocks(page: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page: language and text."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / page).read_text(), flags=re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[str]:
    """The blocks that are commands."""
    return [text for language, text in blocks(page) if language == "sh" or (not language and COMMAND.match(text))]


def reason(line: str) -> str | None:
    """Why a line is not run."""
    return next((why for pattern, why in NOT_RUN.items() if re.match(pattern, line)), None)


def script(page: str, port: int) -> str:
    """One shell script of all blocks. A server is started beside it, and waited for."""
    lines = [
        "set -euo pipefail",
        'server=""',
        'stop() { if [ -n "$server" ]; then kill "$server"; wait "$server" || true; server=""; fi; }',
        "trap stop EXIT",
    ]
    for block in commands(page):
        for line in block.splitlines():
            if reason(line):
                continue
            if re.search(r"cds-service serve$", line):
                lines += ["stop", f"{line} --port {port} > served 2> log &", "server=$!"]
                ready = f"curl -sf http://127.0.0.1:{port}/health/ready > /dev/null"
                lines.append(f"until {ready}; do kill -0 $server; sleep 0.2; done")
            elif code := next((code for pattern, code in ENDS_WITH.items() if re.match(pattern, line)), 0):
                lines += ["code=0", f"{line} || code=$?", f'[ "$code" = {code} ]']
            else:
                lines.append(line)
    text = "\n".join(lines).replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("--port 8000", f"--port {port}")
    for other in PORTS:
        text = re.sub(rf"\b{other}\b", str(free_port()), text)
    return text


def left_running(session: int) -> bool:
    """Whether something of a session still ran; then it runs no more."""
    try:
        os.killpg(session, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@starts_process
def run(text: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script in a session of its own; what it has left running ends with it."""
    command = ["bash", "-c", text]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as shell:
        try:
            out, err = shell.communicate(timeout=PATIENCE_S)
        finally:
            left = left_running(shell.pid)
    assert not left, "a page that starts something ends it, too"
    return subprocess.CompletedProcess(command, shell.returncode, out, err)


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)])
def test_the_commands_of_a_page_run(page: str, tmp_path: Path) -> None:
    if page == WHOLE_CHAIN:  # without these it is skipped; where CI is set, it fails
        postgres.binaries(), nginx.program(), prometheus.program()
    for name in ("fhir_fixtures", "requirements", "supply_chain", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    venv = Path(sys.executable).parent.parent
    (tmp_path / ".venv").symlink_to(venv)
    for language, text in blocks(page):
        if language == "toml":
            (tmp_path / "site.toml").write_text(text)
    key = ec.generate_private_key(ec.SECP384R1())
    (tmp_path / "client.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    environment |= {
        "PATH": f"{venv}/bin:{os.environ['PATH']}",
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "COLUMNS": "160",
    }
    port = free_port()
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    scraped = tmp_path / "deploy" / "observability" / "prometheus.yml"
    scraped.write_text(scraped.read_text().replace("127.0.0.1:8000", f"127.0.0.1:{port}"))
    done = run(script(page, port), tmp_path, environment)
    log = (tmp_path / "log").read_text() if (tmp_path / "log").exists() else ""
    assert done.returncode == 0, f"{done.stderr[-2000:]}\n{log[-2000:]}"
    assert [words for words in SAID.get(page, ()) if words not in done.stdout] == []


def test_every_tutorial_promises_something() -> None:
    assert {
        page
        for page in PAGES
        if "tutorial/" in page and any(not reason(line) for block in commands(page) for line in block.splitlines())
    } <= set(SAID)


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_no_reason_outlives_its_command(pattern: str) -> None:
    lines = [line for page in PAGES for block in commands(page) for line in block.splitlines()]
    assert any(re.match(pattern, line) for line in lines)


def test_every_make_command_of_the_pages_is_a_target() -> None:
    text = "\n".join((ROOT / page).read_text() for page in PAGES)
    named = set(re.findall(r"`make ([a-z-]+)", text)) | set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE))
    assert named <= set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
