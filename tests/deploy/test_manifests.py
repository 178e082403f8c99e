"""The ready-made deployments fit their schemas, and are as careful as they say."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema.validators import validator_for

from cds_service.settings import Settings, load_settings
from cds_service.store.database import CONNECT_S

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
KUBERNETES = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml")
RELEASES = ("1.30", "1.34", "1.37")
"""The oldest release with everything that the manifests use, one between, and the newest that the schemas know."""


def read(path: Path) -> dict[str, Any]:
    document = yaml.safe_load(path.read_text())
    assert isinstance(document, dict)
    return document


def manifest(kind: str) -> dict[str, Any]:
    (found,) = [document for path in KUBERNETES if (document := read(path))["kind"] == kind]
    return found


COMPOSE = read(DEPLOY / "compose" / "compose.yaml")


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("path", KUBERNETES, ids=lambda path: path.stem)
def test_a_manifest_fits_the_schemas_of_kubernetes(path: Path, release: str) -> None:
    kubernetes_validate.validate(read(path), release, strict=True)


def test_a_slip_in_a_manifest_is_seen() -> None:
    wrong = manifest("Deployment")
    wrong["spec"]["template"]["spec"]["containers"][0]["readinessprobe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, RELEASES[-1], strict=True)


def test_kustomization_lists_every_manifest_but_the_example_of_the_secret() -> None:
    listed = read(DEPLOY / "kubernetes" / "kustomization.yaml")["resources"]
    assert sorted(listed) == sorted(path.name for path in KUBERNETES if path.name != "secret.yaml")


def compose_faults(document: dict[str, Any]) -> list[str]:
    schema = json.loads(files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text())
    return [fault.message for fault in validator_for(schema)(schema).iter_errors(document)]


def test_compose_fits_the_schema_of_the_compose_specification() -> None:
    assert compose_faults(COMPOSE) == []


def test_a_slip_in_the_compose_file_is_seen() -> None:
    assert compose_faults(COMPOSE | {"services": {"cds": {"image": "cds", "enviroment": {}}}}) != []


def container() -> dict[str, Any]:
    (only,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    return dict(only)


def test_the_pod_may_do_nothing_that_it_does_not_need() -> None:
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    rights = container()["securityContext"]
    assert rights["readOnlyRootFilesystem"] is True
    assert rights["allowPrivilegeEscalation"] is False
    assert rights["capabilities"] == {"drop": ["ALL"]}
    user = re.search(r"^USER (\d+):", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert user
    assert pod["securityContext"]["runAsUser"] == int(user[1])
    assert container()["resources"]["limits"]["memory"]


def test_probes_ask_what_they_should() -> None:
    only = container()
    assert {name: only[name]["httpGet"]["path"] for name in ("startupProbe", "readinessProbe", "livenessProbe")} == {
        "startupProbe": "/health/ready",
        "readinessProbe": "/health/ready",
        "livenessProbe": "/health/live",  # a database that is away is no reason to restart
    }
    # Readiness waits longer than the database is waited for, else it could never say what is wrong.
    assert only["readinessProbe"]["timeoutSeconds"] > CONNECT_S


def test_parts_of_the_cluster_find_each_other() -> None:
    labels = manifest("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert manifest("Service")["spec"]["selector"] == labels
    for kind, where in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
        assert manifest(kind)["spec"][where]["matchLabels"] == labels
    target = manifest("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", manifest("Deployment")["metadata"]["name"])
    assert "replicas" not in manifest("Deployment")["spec"]  # else each apply would undo the autoscaler
    assert (
        manifest("HorizontalPodAutoscaler")["spec"]["minReplicas"]
        > manifest("PodDisruptionBudget")["spec"]["minAvailable"]
    )


def test_the_network_policy_closes_both_directions() -> None:
    policy = manifest("NetworkPolicy")["spec"]
    assert sorted(policy["policyTypes"]) == ["Egress", "Ingress"]
    assert all(rule.get("from") for rule in policy["ingress"])
    assert all(rule.get("to") and rule.get("ports") for rule in policy["egress"])


def names_of_settings(names: Any) -> set[str]:
    return {name.removeprefix("CDS_").lower() for name in names if name.startswith("CDS_")}


def test_the_service_starts_with_the_settings_of_the_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = dict(manifest("ConfigMap")["data"])
    given["CDS_DATABASE_URL"] = manifest("Secret")["stringData"]["database-url"]
    assert names_of_settings(given) <= set(Settings.model_fields)
    start(monkeypatch, tmp_path, given)


def test_the_service_starts_with_the_settings_of_the_compose_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    example = dict(
        line.split("=", 1)
        for line in (DEPLOY / "compose" / "environment.example").read_text().splitlines()
        if line and not line.startswith("#")
    )
    given = {name: filled(str(value), example) for name, value in COMPOSE["services"]["cds"]["environment"].items()}
    assert names_of_settings(given) <= set(Settings.model_fields)
    start(monkeypatch, tmp_path, given)


def filled(text: str, values: dict[str, str]) -> str:
    """``${NAME}``, ``${NAME:-default}`` and ``${NAME:?why}``, as compose fills them."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        given = values.get(name, "")
        assert given or kind != ":?", f"environment.example does not say {name}"
        return given or (rest if kind == ":-" else "")

    return re.sub(r"\$\{(\w+)(:[-?])?([^}]*)\}", value, text)


def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: dict[str, str]) -> None:
    """The settings that the image and the deployment make together are accepted, in production mode."""
    key = tmp_path / "store.key"
    key.write_text("k" * 32)
    image = re.search(r"CDS_HOST=(\S+) CDS_PORT=(\d+)", (ROOT / "Dockerfile").read_text())
    assert image
    for name, value in (given | {"CDS_HOST": image[1], "CDS_PORT": image[2], "CDS_STORE_KEY_FILE": str(key)}).items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.mode == "production"
    assert settings.port == container()["ports"][0]["containerPort"] == manifest("Service")["spec"]["ports"][0]["port"]


def test_only_the_gateway_can_be_reached_from_outside() -> None:
    services = COMPOSE["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["gateway"]
    assert services["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("cds", "gateway"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    assert all("mem_limit" in service for service in services.values())


def test_files_that_the_compose_file_mounts_exist_or_are_the_operators_own() -> None:
    mounted = [volume.rsplit(":", 2)[0] for volume in COMPOSE["services"]["gateway"]["volumes"]]
    ours = [filled(re.sub(r"\$\{CDS_GATEWAY:-(\w+)\}", r"\1", path), {}) for path in mounted if "secrets/" not in path]
    assert len(ours) == 4
    assert [path for path in ours if not (DEPLOY / "compose" / path).is_file()] == []


def test_no_secret_is_tracked() -> None:
    assert "deploy/compose/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert "deploy/compose/.env" in (ROOT / ".gitignore").read_text().splitlines()
