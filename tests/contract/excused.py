"""Requirements that no test proves, each with its reason; and the gaps that users ask for and no known peer closes."""

from __future__ import annotations

from dataclasses import dataclass

NOT_APPLICABLE = {
    "DISC-11": "The service has no requirement beyond its prefetch keys, which the 412 names when they are missing.",
    "RESP-02": "Time is measured by `make bench` and by the probe, not by a test: docs/reference/performance.md.",
    "KIT-09": "Time is measured by `make bench` and by the probe, not by a test: docs/reference/performance.md.",
    "LINK-03": "No link is launched automatically.",
    "LINK-04": "There is no SMART app to launch: the cards and the evidence pages say everything.",
    "AUTH-16": "TLS, mutual or not, ends at the gateway in front; the service verifies signed calls.",
    "KIT-06": "Coverage information is a payer's duty; this service changes no chart by itself.",
    "KIT-08": "For payers' services. Here a few cards come at most; such an extension is ignored, as it may be.",
    "USER-20": "There is no SMART app to launch.",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """What users ask for, where they do, and the requirements whose tests show it closed."""

    title: str
    asked: str
    requirements: tuple[str, ...]


GAPS = (
    Gap(
        "Sent, empty, failed and absent are four states of a prefetch key, and each is shown",
        "cds-hooks/docs 157, 366; hapi-fhir 6836; HL7-DaVinci/CRD 286",
        ("USER-01", "USER-04"),
    ),
    Gap(
        "A prefetch that is partly there is completed, and the 412 names the needed keys that cannot be had",
        "cds-hooks/docs 82; cqf-ruler 535, 536",
        ("USER-02", "USER-03"),
    ),
    Gap(
        "Templates are checked before the service starts, by the code that expands them",
        "HL7-DaVinci/CRD 296; cds-hooks/docs 377; hapi-fhir 7562",
        ("USER-05", "USER-06"),
    ),
    Gap(
        "Every error has its status, a stable code and an OperationOutcome, documented one by one",
        "cds-hooks/docs 14, open since 2016; hapi-fhir 5212, 6262",
        ("USER-07", "USER-09", "OWN-05"),
    ),
    Gap(
        "Fetching has one time budget for the whole call, whatever the FHIR server does",
        "cqf-ruler 472, 526",
        ("USER-10",),
    ),
    Gap(
        "Verifying signed calls is ready-made, with allow-lists, rotation and replay protection; so is signing them",
        "cds-hooks/docs 87, 188, 205; sero 7; medplum 8386",
        ("USER-11", "AUTH-09", "AUTH-11", "AUTH-12"),
    ),
    Gap(
        "A card says which order it is about, for a machine too, and is recognisable at another hook",
        "cds-hooks/docs 20, 21, 504",
        ("USER-13", "USER-14"),
    ),
    Gap(
        "One command checks any service, and leaves prefetch keys out as a real EHR does",
        "cds-hooks/cds-hooks 6; sandbox 54, 137",
        ("USER-18", "USER-21"),
    ),
)
