"""What each order-entry rule (O-01 to O-11) has to say about the orders of a call, with what it offers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from cds_service.cards.concern import Concern, Orders, names, said
from cds_service.cards.context import CardContext
from cds_service.cards.evidence_notes import pulmicc
from cds_service.cards.markdown import escape
from cds_service.cards.mdt import mdt_line
from cds_service.cards.offers import creates, label_of, mdt_offer
from cds_service.cards.order_therapy import therapy_concern
from cds_service.cards.service_requests import Drafter
from cds_service.cards.words import headline
from cds_service.oncology.report.assessment import Assessment, Reason

Speaker = Callable[[Orders, Drafter], Iterator[Concern]]

_ONE_BY_ONE = ("O-01",)  # each such order has reasons and alternatives of its own


def concerns(assessment: Assessment, site: CardContext) -> list[Concern]:
    """Everything to say about the orders of the call, gravest first; what goes for several is said once."""
    drafter = Drafter(assessment, site)
    found = _mdt_concern(drafter)
    for rule, speaker in _SPEAKERS.items():
        orders = tuple(order for order in assessment.orders if rule in order.rules)
        for group in [(order,) for order in orders] if rule in _ONE_BY_ONE else [orders] if orders else []:
            found += speaker(group, drafter)
    return sorted(found, key=lambda item: (item.gravity, item.rule))


def _anti_egfr(orders: Orders, drafter: Drafter) -> Iterator[Concern]:
    """O-03: RAS mutant, RAS not tested, or BRAF V600E."""
    assessment, site = drafter.assessment, drafter.site
    profile = assessment.molecular
    if profile.ras == "mutant":
        yield Concern("O-03", orders, 0, "safety", *said("O-03-mutant", orders, site))
    elif profile.ras == "unknown":
        test = creates(["RAS"], drafter, label="suggestion.RAS")
        yield Concern("O-03", orders, 2, "safety", *said("O-03-untested", orders, site), (test,))
    if profile.braf == "v600e":
        yield Concern("O-03", orders, 3, "safety", *said("O-03-braf", orders, site))


def _coagulation(orders: Orders, drafter: Drafter) -> Iterator[Concern]:
    """O-04: platelets or INR missing or outdated before an invasive procedure."""
    assessment, site = drafter.assessment, drafter.site
    needed = {need.code for need in assessment.needs}
    drafts = [code for code in ("PLATELETS", "INR") if code in needed]
    tests = (creates(drafts, drafter, label=f"suggestion.{label_of('COAGULATION', drafts)}"),) if drafts else ()
    yield Concern("O-04", orders, 4, "safety", *said("O-04", orders, site), tests)


def _lung_sparing(orders: Orders, drafter: Drafter) -> Iterator[Concern]:
    """O-05: a large resection of small peripheral lesions."""
    site = drafter.site
    summary, blocks = said("O-05", orders, site)
    more = (site.said("line.lung_sparing"), pulmicc(site))
    yield Concern("O-05", orders, 4, "order-check", summary, (*blocks, *more))


def _radiotherapy_again(orders: Orders, drafter: Drafter) -> Iterator[Concern]:
    """O-06: earlier radiotherapy of the same lung is a warning, of the other lung information (R-04)."""
    assessment, site = drafter.assessment, drafter.site
    overlap = next((item for item in assessment.therapies["sbrt"].reasons if item.code == "REIRRADIATION"), None)
    key, gravity = ("O-06-warning", 2) if overlap else ("O-06-info", 4)
    summary = site.text(f"summary.{key}", order=names(orders, site))
    sentence = site.text(f"order.{key}", date=_course_date(overlap, assessment))
    blocks = (escape(sentence), site.said("line.re_sbrt"))
    yield Concern("O-06", orders, gravity, "safety", summary, blocks, behind=("R-04",))


def _course_date(overlap: Reason | None, assessment: Assessment) -> str:
    """The date of the earlier course, as the findings tell it."""
    history = [item for item in assessment.findings if item.code == "HISTORY" and item.date]
    if overlap:
        history = [item for item in history if set(item.resources) & set(overlap.facts)]
    return max((item.date or "" for item in history), default="date not recorded")


def _test(rule: str, topic: str, label: str, *drafts: str) -> Speaker:
    """A rule that asks for one test and offers its draft."""

    def speak(orders: Orders, drafter: Drafter) -> Iterator[Concern]:
        offer = creates(drafts, drafter, label=f"suggestion.{label}")
        yield Concern(rule, orders, 4, topic, *said(rule, orders, drafter.site), (offer,))

    return speak


_SPEAKERS: Mapping[str, Speaker] = {
    "O-01": therapy_concern,
    "O-03": _anti_egfr,
    "O-04": _coagulation,
    "O-05": _lung_sparing,
    "O-06": _radiotherapy_again,
    "O-07": _test("O-07", "order-check", "PFT", "FEV1", "DLCO"),
    "O-10": _test("O-10", "order-check", "MSI", "MSI"),
    "O-11": _test("O-11", "safety", "DPYD", "DPYD"),
}


def _mdt_concern(drafter: Drafter) -> list[Concern]:
    """O-02 (treatment before the MDT: a warning) or else O-08 (work-up while the MDT is due), once for all orders."""
    assessment, site = drafter.assessment, drafter.site
    for rule, gravity in (("O-02", 2), ("O-08", 4)):
        orders = tuple(order for order in assessment.orders if rule in order.rules)
        if orders:
            values = {"order": names(orders, site), "headline": headline(assessment, site)}
            summary = site.text(f"summary.{rule}", **values)
            blocks = (site.said(f"order.{rule}"), mdt_line(assessment, site))
            return [Concern(rule, orders, gravity, "mdt-referral", summary, blocks, tuple(mdt_offer(drafter)))]
    return []
