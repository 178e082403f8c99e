"""HealthChain with plain dicts, answering the question of the peers. Run in the throw-away environment."""

from __future__ import annotations

import logging
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from healthchain.gateway.cds import CDSHooksService
from healthchain.models.requests.cdsrequest import CDSRequest
from healthchain.models.responses.cdsresponse import Card, CDSResponse, IndicatorEnum, Source

logging.disable(logging.WARNING)
service = CDSHooksService(use_events=False)


def resources(prefetch: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    entries = (entry for held in prefetch.values() for entry in held.get("entry", ()))
    return [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == kind]


@service.hook("patient-view", id="question")
def question(request: CDSRequest) -> CDSResponse:
    prefetch = request.prefetch or {}
    codes = [coding["code"] for item in resources(prefetch, "Condition") for coding in item["code"]["coding"]]
    if not any(code.startswith("C78.0") for code in codes) or not any(code.startswith("C18") for code in codes):
        return CDSResponse(cards=[])
    values = [
        item["valueQuantity"]["value"]
        for item in resources(prefetch, "Observation")
        if any(coding["code"] == "2039-6" for coding in item["code"]["coding"])
    ]
    summary = f"Colorectal lung metastasis, CEA {values[-1]:g} ng/mL"
    return CDSResponse(cards=[Card(summary=summary, indicator=IndicatorEnum.info, source=Source(label="peer"))])


app = FastAPI()


@app.get("/health/live")
def live() -> dict[str, str]:
    return {"status": "pass"}


app.include_router(service)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
