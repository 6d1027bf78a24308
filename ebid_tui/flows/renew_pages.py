"""What each step of ICカード更新 shows: the comparison of both cards, and the questions before it."""

from __future__ import annotations

from ebid_tui.domain import renewal
from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.records import Registered
from ebid_tui.domain.statement import ComparedRow
from ebid_tui.flows import notices
from ebid_tui.flows.comparing import CardComparison, ChoiceRow, DiffRow
from ebid_tui.flows.known import Known
from ebid_tui.flows.place import Place
from ebid_tui.flows.register_pages import ends_soon, known_search
from ebid_tui.flows.ui import Confirm
from ebid_tui.language import joined
from ebid_tui.messages import t


def _label(place: Place, field: str) -> str:
    """The label of `block.field`, in the documents' words."""
    block_id, field_id = field.split(".", 1)
    return place.profile.labels(block_id)[field_id]


def known(place: Place, registered: Registered, card: str) -> Known:
    """What 登録 starts with where the new card cannot be renewed to (R-08): the vendor, and what its current card has registered."""
    return Known(known_search(place, registered.qualification), registered.registration.blocks, card)


def question(place: Place, rows: tuple[ComparedRow, ...]) -> Confirm:
    """R-06, R-08: what differs, and what that means, before a person says that it is right all the same."""
    details: list[str] = []
    for row in rows:
        if row.verdict == "notable":
            details += [joined(": ", (_label(place, row.field), f"{_shown(row.current)} → {_shown(row.new)}")), renewal.note(row)]
    return Confirm(
        id="holder",
        title=t("flow.renewal.title"),
        question=t("flow.renewal.question"),
        yes=t("flow.renewal.yes"),
        no=t("flow.renewal.no"),
        details=tuple(details),
    )


def comparison(place: Place, rows: tuple[ComparedRow, ...], new: Certificate, choice: ChoiceRow | None) -> CardComparison:
    """電子証明書更新確認; R-11 is said before it happens."""
    texts = place.profile.renewal
    warnings = notices.on_waiting(place, "renewal")
    warnings += [texts.company_check] if texts.company_check else []
    warnings += [t("flow.renewal.old_card"), *ends_soon(place, new)]
    warnings.append(t("notice.serial_row", label=place.profile.card.serial_label))
    return CardComparison(
        id="review",
        title=texts.title,
        current=texts.current,
        new=texts.new,
        rows=tuple(DiffRow(_label(place, r.field), _shown(r.current), _shown(r.new), r.verdict, renewal.note(r)) for r in rows),
        warnings=tuple(warnings),
        question=texts.question,
        submit=texts.submit,
        back=texts.back,
        choice=choice,
    )


def _shown(value: str) -> str:
    return value or t("common.missing")
