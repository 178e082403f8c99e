"""The cards at order entry: at most two a call, the gravest first, the rest folded into its detail.

Each order-entry rule (O-01 to O-11) says its concerns about the orders of the call that it is about; what goes for
several orders is said once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cds_service.cards.caution import blocked_items
from cds_service.cards.drafts import Drafter, is_literal, label_of
from cds_service.cards.evidence import closing, pulmicc, why
from cds_service.cards.markdown import bullets, escape, few, heading, plain
from cds_service.cards.parts import mdt_line
from cds_service.cards.set_aside import set_aside_card
from cds_service.cards.words import LOCAL, capital
from cds_service.cards.writer import EXTENSION, CardContext, CardWriter, Offer
from cds_service.fhir.references import local_reference
from cds_service.oncology.report.assessment import Assessment, OrderReport, Reason, Result
from cds_service.protocol.card import Action, Card, extended
from cds_service.values import ValueObject

INFORMATION = 3
"""From this gravity on a concern is information; below, a warning."""

_MODALITY = {"lung-resection": "surgery", "thoracic-radiotherapy": "sbrt", "lung-ablation": "ablation"}
_SPOKEN = {Result.NOT_ELIGIBLE: "warning", Result.BLOCKED: "blocked", Result.CONDITIONAL: "info"}
_WORST_FIRST = tuple(_SPOKEN)
_ONE_BY_ONE = ("O-01",)  # each such order has reasons and alternatives of its own
_MOST_CARDS = 2
_MOST_FOLDED = 10
_LONGEST_FOLDED = 400
_LONGEST_NAME = 46
"""Characters of an order's name that a summary has room for."""
_LONGEST_NAME_IN_DETAIL = 160

Orders = tuple[OrderReport, ...]


class Concern(ValueObject, frozen=True):
    """One thing to say about some orders. ``gravity``: 0 is gravest. ``blocks`` are Markdown, the main sentence first.

    ``behind``: the therapy rules that the order-entry rule rests on.
    """

    rule: str
    orders: Orders
    gravity: int
    topic: str
    summary: str
    blocks: tuple[str, ...]
    offers: tuple[Offer, ...] = ()
    behind: tuple[str, ...] = ()

    @property
    def indicator(self) -> str:
        """Warnings come before information."""
        return "warning" if self.gravity < INFORMATION else "info"


def order_cards(assessment: Assessment, call: CardContext) -> tuple[Card, ...]:
    """What to show about the orders of the call; where no rule fired, at most that a diagnosis could not be read."""
    writer = CardWriter(assessment, call)
    found = _concerns(Drafter(writer))
    if not found and assessment.orders:
        return set_aside_card(writer)
    shown, folded = found[:_MOST_CARDS], found[_MOST_CARDS:]
    return tuple(_card(concern, folded if index == 0 else (), index, writer) for index, concern in enumerate(shown))


def _card(concern: Concern, folded: Sequence[Concern], index: int, writer: CardWriter) -> Card:
    all_here = (concern, *folded)
    rules = [rule for item in all_here for rule in (item.rule, *item.behind)]
    card = writer.compose(
        topic=concern.topic,
        rules=rules,
        index=index,
        summary=concern.summary,
        indicator=concern.indicator,
        blocks=(
            _about(concern.orders, writer),
            *concern.blocks,
            *_folded(folded, writer),
            escape(writer.text("card.case", text=writer.headline)),
            why(writer, rules),
            closing(writer, "line.no_treatment_orders"),
        ),
        offers=[offer for item in all_here for offer in item.offers],
    )
    return extended(card, _extension(all_here))


def _about(orders: Orders, writer: CardWriter) -> str:
    """The orders that the card is about, by name."""
    names = [escape(_name(order, writer, _LONGEST_NAME_IN_DETAIL)) for order in orders]
    return f"**{writer.said('heading.order')}:** {'; '.join(few(names))}"


def _folded(folded: Sequence[Concern], writer: CardWriter) -> list[str]:
    """What else there is to say, one line each; its own sentence follows its summary."""
    if not folded:
        return []
    lines = [f"{escape(item.summary)}. {_short(item.blocks[0])}" for item in folded]
    return [f"{heading(writer.text('card.also'))}\n\n{bullets(few(lines, _MOST_FOLDED))}"]


def _short(block: str) -> str:
    """A block that can be cut between words, never inside an escape."""
    return block if len(block) <= _LONGEST_FOLDED else f"{block[:_LONGEST_FOLDED].rsplit(' ', 1)[0]} …"


def _extension(shown: Sequence[Concern]) -> dict[str, Any]:
    """The orders that the card is about, for machines; an order without an id cannot be pointed to."""
    named = [order.reference for item in shown for order in item.orders if is_literal(order.reference)]
    references = [{"reference": name} for name in dict.fromkeys(named)]
    if not references:
        return {}
    found: dict[str, Any] = {f"{EXTENSION}.order": references[0]}
    return found | ({f"{EXTENSION}.orders": references} if len(references) > 1 else {})


# What each rule has to say


Speaker = Callable[[Orders, Drafter], Iterator[Concern]]


def _concerns(drafter: Drafter) -> list[Concern]:
    """Everything to say about the orders of the call, gravest first."""
    found = _before_the_mdt(drafter)
    for rule, speaker in _SPEAKERS.items():
        orders = _under(rule, drafter)
        for group in [(order,) for order in orders] if rule in _ONE_BY_ONE else [orders] if orders else []:
            found += speaker(group, drafter)
    return sorted(found, key=lambda item: (item.gravity, item.rule))


def _under(rule: str, drafter: Drafter) -> Orders:
    """The orders that the rule is about."""
    return tuple(order for order in drafter.assessment.orders if rule in order.rules)


def _before_the_mdt(drafter: Drafter) -> list[Concern]:
    """O-02 (treatment before the MDT: a warning) or else O-08 (work-up while the MDT is due), once for all orders."""
    writer = drafter.writer
    for rule, gravity in (("O-02", 2), ("O-08", 4)):
        if orders := _under(rule, drafter):
            summary = writer.text(f"summary.{rule}", order=_names(orders, writer), headline=writer.headline)
            blocks = (writer.said(f"order.{rule}"), mdt_line(writer))
            return [Concern(rule, orders, gravity, "mdt-referral", summary, blocks, tuple(drafter.mdt()))]
    return []


def _anti_egfr(orders: Orders, drafter: Drafter) -> Iterator[Concern]:
    """O-03: RAS mutant, RAS not tested, or BRAF V600E."""
    profile, writer = drafter.assessment.molecular, drafter.writer
    if profile.ras == "mutant":
        yield Concern("O-03", orders, 0, "safety", *_said("O-03-mutant", orders, writer))
    elif profile.ras == "unknown":
        test = drafter.offer(["RAS"], label="suggestion.RAS")
        yield Concern("O-03", orders, 2, "safety", *_said("O-03-untested", orders, writer), (test,))
    if profile.braf == "v600e":
        yield Concern("O-03", orders, 3, "safety", *_said("O-03-braf", orders, writer))


def _coagulation(orders: Orders, drafter: Drafter) -> Iterator[Concern]:
    """O-04: platelets or INR missing or outdated before an invasive procedure."""
    drafts = drafter.missing_coagulation()
    tests = (drafter.offer(drafts, label=f"suggestion.{label_of('COAGULATION', drafts)}"),) if drafts else ()
    yield Concern("O-04", orders, 4, "safety", *_said("O-04", orders, drafter.writer), tests)


def _lung_sparing(orders: Orders, drafter: Drafter) -> Iterator[Concern]:
    """O-05: a large resection of small peripheral lesions."""
    writer = drafter.writer
    summary, blocks = _said("O-05", orders, writer)
    more = (writer.said("line.lung_sparing"), pulmicc(writer))
    yield Concern("O-05", orders, 4, "order-check", summary, (*blocks, *more))


def _radiotherapy_again(orders: Orders, drafter: Drafter) -> Iterator[Concern]:
    """O-06: earlier radiotherapy of the same lung is a warning, of the other lung information (R-04)."""
    assessment, writer = drafter.assessment, drafter.writer
    overlap = next((item for item in assessment.therapies["sbrt"].reasons if item.code == "REIRRADIATION"), None)
    key, gravity = ("O-06-warning", 2) if overlap else ("O-06-info", 4)
    summary = writer.text(f"summary.{key}", order=_names(orders, writer))
    sentence = writer.text(f"order.{key}", date=_course_date(overlap, assessment))
    blocks = (escape(sentence), writer.said("line.re_sbrt"))
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
        offer = drafter.offer(drafts, label=f"suggestion.{label}")
        yield Concern(rule, orders, 4, topic, *_said(rule, orders, drafter.writer), (offer,))

    return speak


def _unfitting_therapy(orders: Orders, drafter: Drafter) -> Iterator[Concern]:
    """O-01: a local therapy that does not fit, or fits with caution; the others that are options, as alternatives."""
    therapies, writer = drafter.assessment.therapies, drafter.writer
    (order,) = orders
    ordered = [_MODALITY[name] for name in order.classes if name in _MODALITY]
    doubtful = [name for name in ordered if therapies[name].result in _SPOKEN]
    if not doubtful:
        return
    modality = min(doubtful, key=lambda name: _WORST_FIRST.index(therapies[name].result))
    therapy = therapies[modality]
    word = _SPOKEN[therapy.result]
    others = [name for name in writer.options if name in LOCAL and name not in ordered]
    named = ", ".join(
        f"{writer.text(f'therapy_short.{name}')} ({writer.text(f'result.{therapies[name].result.value}')})"
        for name in others
    )
    reasons = " ".join(few([reason.text for reason in therapy.reasons]))
    finding = writer.text(f"order.O-01-{word}", therapy=capital(writer.text(f"therapy.{modality}")), reasons=reasons)
    instead = (
        writer.text("order.O-01-alternatives", options=named) if named else writer.text("order.O-01-no_alternative")
    )
    trial = (pulmicc(writer),) if "surgery" in (*ordered, *others) else ()
    yield Concern(
        rule="O-01",
        orders=orders,
        gravity={"warning": 0, "blocked": 1, "info": INFORMATION}[word],
        topic="safety" if word == "blocked" else "order-check",
        summary=writer.text(f"summary.O-01-{word}", order=_name(order, writer), items=blocked_items(writer)),
        blocks=(escape(finding), escape(instead), *trial),
        offers=tuple(_alternatives(order, others, drafter)),
        behind=tuple(dict.fromkeys(reason.rule for reason in therapy.reasons)),
    )


def _alternatives(order: OrderReport, others: list[str], drafter: Drafter) -> Iterator[Offer]:
    """A consultation for each alternative, alone and in place of the order; with none, the MDT in its place."""
    willing = [name for name in others if name not in drafter.writer.declined]
    for name in willing:
        yield drafter.offer([name], label=f"suggestion.{name}")
    deletion = _deletion(order, drafter.writer)
    if deletion is None:
        return
    if not others and drafter.assessment.mdt.suggest:
        willing = ["mdt"]
    for name in willing:
        instead = drafter.offer([name], label=f"suggestion.alternate_{name}")
        yield Offer(instead.label, (deletion, *instead.actions), order=_name(order, drafter.writer))


def _deletion(order: OrderReport, writer: CardWriter) -> Action | None:
    """Taking the order back: only a draft of this call can be, and only one of the type that takes its place."""
    drafts = {local_reference(item): item.get("status") for item in writer.call.request.draft_orders}
    if not order.reference.startswith("ServiceRequest/") or drafts.get(order.reference) != "draft":
        return None
    if not is_literal(order.reference) or "_" in order.reference:  # no FHIR id: the action would not be valid
        return None
    return Action("delete", writer.text("action.delete", order=_name(order, writer)), resource_id=order.reference)


_SPEAKERS: Mapping[str, Speaker] = {
    "O-01": _unfitting_therapy,
    "O-03": _anti_egfr,
    "O-04": _coagulation,
    "O-05": _lung_sparing,
    "O-06": _radiotherapy_again,
    "O-07": _test("O-07", "order-check", "PFT", "FEV1", "DLCO"),
    "O-10": _test("O-10", "order-check", "MSI", "MSI"),
    "O-11": _test("O-11", "safety", "DPYD", "DPYD"),
}


# What the orders are called


def _name(order: OrderReport, writer: CardWriter, limit: int = _LONGEST_NAME) -> str:
    """What the order is called: its own text, cut to the limit; without one, the class that it belongs to."""
    return plain(order.text, limit) or capital(writer.text(f"order_class.{order.classes[0]}"))


def _names(orders: Orders, writer: CardWriter) -> str:
    """The first order by name, and how many more there are."""
    if len(orders) == 1:
        return _name(orders[0], writer)
    more = f" (+{len(orders) - 1})"
    return _name(orders[0], writer, _LONGEST_NAME - len(more)) + more


def _said(key: str, orders: Orders, writer: CardWriter) -> tuple[str, tuple[str, ...]]:
    """The summary and the main sentence of a rule, which stand in the wording under the same key."""
    summary = writer.text(f"summary.{key}", order=_names(orders, writer))
    return summary, (writer.said(f"order.{key}"),)
