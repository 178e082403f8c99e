"""A family of services, each broken in one place: the probe that must notice, what is wrong, and how it got so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contract.model_service import Model, entry, outcome

Break = Callable[[Model], Any]
HTML = b"<html><body><h1>Internal Server Error</h1></body></html>"
OUTCOME = {"resourceType": "OperationOutcome"}
TRACE = {"error": 'Traceback (most recent call last):\n  File "app.py", line 7, in decide'}
NO_CARDS: dict[str, Any] = {"cards": []}
ERROR_CARD = {"cards": [{"summary": "Error", "indicator": "warning", "source": {"label": "x"}}]}
ACTION = {"type": "create", "description": "Refer", "resource": {"resourceType": "ServiceRequest"}}
SUGGESTION = {"label": "Refer", "uuid": "6a3c9c9e-6f5c-4f60-9d3e-0f7a0a3b1c11", "actions": [ACTION]}
LINK = {"label": "Guideline", "url": "https://example.org/guideline", "type": "absolute"}


def listed(**changes: Any) -> Break:
    """Every entry of discovery has these changes; ``...`` leaves an attribute out."""

    def apply(model: Model) -> None:
        for one in model.entries:
            one.update(changes)
            for name in [name for name, value in changes.items() if value is ...]:
                del one[name]

    return apply


def template(text: str) -> Break:
    return lambda model: [one["prefetch"].update(conditions=text) for one in model.entries]


def card(**changes: Any) -> Break:
    """Every card has these changes; None leaves a field out."""
    return lambda model: model.card.update(changes)


def suggestion(**changes: Any) -> Break:
    return card(suggestions=[{name: value for name, value in (SUGGESTION | changes).items() if value is not None}])


def action(**changes: Any) -> Break:
    return suggestion(actions=[{name: value for name, value in (ACTION | changes).items() if value is not None}])


def says(situation: str, status: int, document: Any = NO_CARDS) -> Break:
    return lambda model: model.says.update({situation: (status, document)})


def refuses(situation: str, status: int = 500) -> Break:
    return lambda model: model.refuses.update({situation: status})


def unchecked(*what: str) -> Break:
    return lambda model: model.checks.difference_update(what)


def has(**changes: Any) -> Break:
    return lambda model: [setattr(model, name, value) for name, value in changes.items()]


def no_cors_on(kind: str) -> Break:
    return lambda model: model.cors_on.discard(kind)


TODAY = "Condition?patient={{context.patientId}}&date=ge{{today()}}"
INCLUDE = "Condition?patient={{context.patientId}}&_include=Condition:encounter"
WILDCARD = {"Access-Control-Allow-Headers": "*"}


BROKEN: tuple[tuple[str, str, Break], ...] = (
    # discovery
    ("discovery-answers", "discovery is 404", refuses("discovery", 404)),
    ("discovery-is-json", "discovery is HTML", has(media_type="text/html")),
    ("discovery-is-json", "discovery is no JSON", has(discovery=HTML)),
    ("discovery-lists-services", "discovery is an array", has(discovery=[])),
    ("services-have-what-is-required", "no description", listed(description=...)),
    ("services-have-what-is-required", "an entry is no object", has(entries=["order-sign"])),
    ("optional-attributes-have-their-types", "prefetch is an array", listed(prefetch=["Patient"])),
    ("optional-attributes-have-their-types", "a title is a number", listed(title=1)),
    ("optional-attributes-have-their-types", "an extension is a text", listed(extension="x")),
    ("discovery-holds-nothing-empty", "prefetch is empty", listed(prefetch={})),
    ("id-and-hook-stand-once", "an entry twice", lambda model: model.entries.append(entry("order-sign"))),
    ("hooks-have-proper-names", "a hook of its own", listed(hook="tumor-board")),
    ("services-have-titles", "no title", listed(title=...)),
    ("services-announce-a-version", "no version", listed(version=...)),
    ("discovery-is-not-empty", "services is empty", has(entries=[])),
    ("discovery-can-be-asked-again", "no ETag", has(etag=None)),
    ("discovery-can-be-asked-again", "an ETag that is not looked at", refuses("again", 200)),
    ("a-trailing-slash-is-no-redirect", "a trailing slash is 308", has(slash_status=308)),
    ("a-token-at-discovery-is-no-obstacle", "a token at discovery is 400", refuses("discovery", 400)),
    # templates
    ("templates-are-relative", "an absolute template", template("https://ehr.example.org/Condition?patient=1")),
    ("templates-have-known-tokens", "a token of no hook", template("Condition?patient={{context.patient}}")),
    ("templates-have-known-tokens", "half a token", template("Condition?patient={{context.patientId}")),
    ("templates-use-no-newer-version", "a date", template(TODAY)),
    ("templates-ask-what-every-client-can", "an include", template(INCLUDE)),
    ("templates-ask-what-every-client-can", "sort as the standard misspells it", template("Condition?sort:desc=date")),
    # complete calls
    ("a-complete-call-is-answered", "every call is 500", refuses("any")),
    ("a-complete-call-is-answered", "no cards", has(more={"cards": None})),
    ("answers-are-json", "cards are text/plain", has(media_type="text/plain")),
    ("the-unknown-is-ignored", "an extension is 500", refuses("extension")),
    ("another-hook-gets-no-cards", "any hook is answered", says("hook", 200)),
    ("orders-of-any-type-are-passed-over", "glasses are 400", refuses("other-orders", 400)),
    ("an-incomplete-order-is-no-fault", "an order without code is 500", refuses("bare-orders")),
    ("orders-may-be-signed-again", "an active order is 422", refuses("signed-again", 422)),
    ("the-older-dispatch-is-understood", "order-dispatch 1.0 is 422", refuses("older-dispatch", 422)),
    ("answers-come-within-500-ms", "an answer takes 0.6 s", has(seconds=0.6)),
    ("nine-of-ten-come-within-5-s", "an answer takes 6 s", has(seconds=6.0)),
    ("every-complete-call-is-200", "some patients are 412", refuses("some-patients", 412)),
    # cards
    ("nothing-is-empty", "a null", lambda model: model.card["source"].update(icon=None)),
    ("nothing-is-empty", "empty system actions", has(more={"systemActions": []})),
    ("cards-are-objects", "a card is a text", has(more={"cards": ["Refer"]})),
    ("summary", "140 characters", card(summary="x" * 140)),
    ("summary", "no summary", card(summary=None)),
    ("indicator", "an indicator that nobody knows", card(indicator="hard-stop")),
    ("source", "a source without label", card(source={"url": "https://example.org"})),
    ("topic-coding", "a topic without code", card(source={"label": "x", "topic": {"system": "https://example.org"}})),
    ("uuids-are-unique", "two share a uuid", card(suggestions=[SUGGESTION], uuid=SUGGESTION["uuid"])),
    ("detail", "a detail is an object", card(detail={"text": "x"})),
    ("selection-behavior", "suggestions without selectionBehavior", card(selectionBehavior=None)),
    ("selection-behavior", "a behaviour that nobody knows", card(selectionBehavior="all")),
    ("suggestions", "a suggestion without label", suggestion(label=None)),
    ("recommended", "two recommended, one to choose", card(
        selectionBehavior="at-most-one",
        suggestions=[SUGGESTION | {"isRecommended": True}, SUGGESTION | {"uuid": "2", "isRecommended": True}],
    )),
    ("actions", "a type in capitals", action(type="CREATE")),
    ("actions", "an action without description", action(description=None)),
    ("action-resources", "a resource as text", action(resource='{"resourceType": "ServiceRequest"}')),
    ("action-resources", "an update without id", action(type="update")),
    ("override-reasons", "a reason without display", card(overrideReasons=[{"code": "x", "system": "https://x.example"}])),
    ("links", "a link that is relative", card(links=[LINK | {"url": "/guideline"}])),
    ("app-context", "appContext on an absolute link", card(links=[LINK | {"appContext": "x"}])),
    ("extension-object", "an extension is a text", card(extension="x")),
    ("extension-names", "a plain name", card(extension={"rule": "A-04"})),
    ("action-selection-behavior", "it is sent to everyone", suggestion(actionSelectionBehavior="any")),
    ("deletes", "a delete by URL", action(type="delete", resource=None, resourceId="https://x.example/ServiceRequest/1")),
    ("one-line", "two lines", card(summary="Refer\nto the MDT")),
    ("card-uuid", "no uuid", card(uuid=None)),
    ("suggestion-uuid", "a suggestion without uuid", suggestion(uuid=None)),
    ("topic", "no topic", card(source={"label": "x"})),
    ("html", "HTML", card(detail="<b>49</b>")),
    ("mixed-links", "both kinds of link", card(links=[LINK, LINK | {"type": "smart"}])),
    ("fields", "a field of its own", card(priority=1)),
    ("system-actions", "a system action without resource", has(more={"systemActions": [{"type": "create"}]})),
    ("changes-are-about-the-drafts", "another order goes", action(type="delete", resource=None, resourceId="Task/1")),
    # prefetch
    ("null-and-empty-are-understood", "null is 500", refuses("null")),
    ("null-and-empty-are-understood", "an empty Bundle is 400", refuses("empty", 400)),
    ("null-and-empty-are-answers", "null is taken for missing", refuses("null", 412)),
    ("a-key-that-is-missing-is-noticed", "a missing key is 500", refuses("partial")),
    ("no-prefetch-at-all-is-412", "no prefetch is 400", says("missing", 400)),
    ("a-failed-search-is-no-data", "an OperationOutcome is 500", refuses("outcome")),
    ("a-page-of-several-is-understood", "a page is 500", refuses("page")),
    ("a-412-names-what-is-missing", "the 412 names nothing", says("missing", 412, outcome("no data"))),
    ("keys-that-were-not-asked-for-change-nothing", "another key is 400", refuses("not-asked", 400)),
    ("one-patient-is-not-taken-for-another", "prefetch is kept for the next call", has(keeps=True)),
    # FHIR access
    ("the-token-is-sent", "FHIR is asked without the token", has(sends_token=False)),
    ("access-alone-is-enough", "fetching is 500", refuses("fetching")),
    ("data-that-are-denied-are-412", "403 of the FHIR server is 500", says("denied", 500)),
    # refusals
    ("what-is-not-json-gets-no-cards", "half a document gets cards", says("not-json", 200)),
    ("errors-are-json", "errors are HTML", has(error_type="text/html")),
    ("errors-are-json", "a 500 of the web server", says("envelope", 500, HTML)),
    ("errors-are-operation-outcomes", "errors of its own shape", says("envelope", 400, {"error": "bad"})),
    ("errors-are-operation-outcomes", "an outcome without text", says("unknown", 404, OUTCOME)),
    ("no-error-is-200", "an error is a card", says("envelope", 200, ERROR_CARD)),
    ("no-request-breaks-the-service", "a part that is missing is 500", says("envelope", 500, outcome("x"))),
    ("a-bad-envelope-is-400", "a part that is missing is 404", says("envelope", 404, outcome("x"))),
    ("a-bad-context-is-4xx", "a context without patient gets cards", says("context", 200)),
    ("an-unknown-service-is-404", "an unknown service is 400", says("unknown", 400, outcome("x"))),
    ("another-method-is-405", "GET is 200", says("method", 200)),
    ("a-huge-body-is-413", "a huge body gets cards", says("size", 200)),
    ("another-media-type-is-415", "text/plain gets cards", says("media-type", 200)),
    ("a-hook-instance-is-a-uuid", "any hookInstance gets cards", says("uuid", 200)),
    ("errors-tell-no-secrets", "a stack trace", says("envelope", 400, TRACE)),
    ("errors-tell-no-secrets", "the patient in an error", has(leaks=True)),
    # feedback
    ("feedback-is-taken", "one entry is 400", refuses("one-entry", 400)),
    ("reasons-and-comments-are-taken", "a comment is 400", refuses("comment", 400)),
    ("batches-and-repeats-are-taken", "a batch is 400", refuses("batch", 400)),
    ("reasons-of-the-client-are-taken", "a reason of its own is 400", refuses("own-reason", 400)),
    ("another-shape-is-refused", "any shape is taken", says("feedback-shape", 200, {})),
    # browsers
    ("preflights-are-answered", "a preflight is 405", has(preflight_status=405)),
    ("preflights-are-answered", "a preflight without the headers", no_cors_on("OPTIONS")),
    ("headers-are-allowed-by-name", "any header, and none by name", has(preflight=WILDCARD)),
    ("answers-to-post-carry-the-headers", "headers on GET alone", no_cors_on("POST")),
    ("errors-carry-the-headers", "no headers on errors", no_cors_on("error")),
    ("any-origin-never-goes-with-credentials", "any origin with credentials", has(
        cors={"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true"}
    )),
)  # fmt: skip

UNTRUSTING: tuple[tuple[str, str, Break], ...] = (
    ("a-signed-call-is-accepted", "an array as aud is 401", refuses("array")),
    (
        "a-signed-call-is-accepted",
        "nothing is trusted",
        lambda model: setattr(model, "signer", model.signer.impostor()),
    ),
    ("unsigned-calls-are-refused", "unsigned calls are answered", refuses("unsigned")),
    ("another-key-is-refused", "the signature is not looked at", unchecked("signature")),
    ("another-audience-is-refused", "aud is not looked at", unchecked("aud")),
    ("an-expired-token-is-refused", "exp is not looked at", unchecked("exp")),
    ("a-repeated-token-is-refused", "jti is not looked at", unchecked("jti")),
    ("weak-algorithms-are-refused", "alg none is accepted", unchecked("alg")),
    ("an-incomplete-token-is-refused", "claims may be missing", unchecked("claims")),
    ("an-incomplete-token-is-refused", "kid may be missing", unchecked("kid")),
    ("an-unknown-issuer-is-refused", "any issuer will do", unchecked("iss")),
    ("an-unlisted-key-set-is-never-fetched", "any jku is fetched", unchecked("jku")),
    ("a-refusal-gives-no-reason", "the reason is in the body", says("untrusted", 401, outcome("token expired"))),
    ("feedback-is-authenticated-too", "feedback is open", refuses("feedback", 200)),
)
