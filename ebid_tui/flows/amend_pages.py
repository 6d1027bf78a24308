"""What each step of 変更 shows: its form and its confirmation."""

from __future__ import annotations

from collections.abc import Mapping

from ebid_tui.domain.certificate import Certificate
from ebid_tui.domain.fields import Field
from ebid_tui.domain.records import Registered
from ebid_tui.errors import EbidError
from ebid_tui.flows import notices
from ebid_tui.flows.comparing import ChoiceRow
from ebid_tui.flows.place import Place
from ebid_tui.flows.register_pages import block_title, card_section, differs, ends_soon, sections, start
from ebid_tui.flows.ui import Blocks, Form, FormBlock, Review
from ebid_tui.language import joined
from ebid_tui.messages import t


def form(
    place: Place,
    registered: Registered,
    card_holder: Mapping[str, str] | None,
    typed: Blocks,
    problems: Mapping[str, str],
    notice: EbidError | None,
) -> Form:
    """利用者変更: what is registered, with the shown part of 企業情報 from the newest qualification (R-37).

    Without a card (R-36) `card_holder` is None, and its block is not there.
    """
    profile = place.profile
    blocks = tuple(
        FormBlock(
            b.id,
            block_title(place, b.id, with_card=card_holder is not None),
            b.remark,
            profile.fields(b.id, "amendment", place.category.id),
        )
        for b in profile.blocks
        if b.id != "card_holder" or card_holder is not None
    )
    known = {b.id: dict(registered.registration.blocks.get(b.id, {})) for b in blocks}
    newest = {f.id: registered.qualification.company.get(f.id, "") for f in blocks_of(blocks, "company") if f.source == "qualification"}
    known["company"] |= newest | {"company_id": registered.company_id or ""}
    if card_holder is not None:
        known["card_holder"] = dict(card_holder)
    for values in known.values():
        if "email" in values:
            values.setdefault("email_again", values["email"])
    leads = [profile.amendment_form.lead]
    if registered.qualification.state == "under_review":
        leads.append(t("flow.form.under_review"))
    return Form(
        id="amendment",
        title=profile.amendment_form.title,
        lead=joined("\n", leads),
        blocks=blocks,
        values={b.id: start(b, known[b.id], typed.get(b.id, {})) for b in blocks},
        submit=profile.amendment_form.submit,
        back=profile.amendment_form.back,
        policy=profile.policy_in(place.category.id),
        problems=problems,
        notice=notice,
        refreshed=("company",),
        copy=("representative_contact", "card_contact"),
    )


def blocks_of(blocks: tuple[FormBlock, ...], block_id: str) -> tuple[Field, ...]:
    """The fields of one block."""
    return next(b.fields for b in blocks if b.id == block_id)


def changed(place: Place, registered: Registered, shown: Blocks) -> frozenset[str]:
    """`block.field` of every value that differs from what is registered."""
    before = registered.registration.blocks
    return frozenset(
        f"{block_id}.{field.id}"
        for block_id, values in shown.items()
        for field in place.profile.fields(block_id, "amendment", place.category.id)
        if differs(field, before.get(block_id, {}), values)
    )


def review(
    place: Place, shown: Blocks, registered: Registered, certificate: Certificate | None, changes: frozenset[str], choice: ChoiceRow | None
) -> Review:
    """変更内容確認: changed rows bear a sign and what stood there; R-26 is said, R-16 is chosen."""
    confirmation = place.profile.amendment_confirmation
    warnings = notices.on_waiting(place, "registration" if registered.registration.state == "waiting" else "amendment")
    warnings += [t("flow.amend.count", count=len(changes)), t("flow.amend.applications")]
    if confirmation.company_remark:
        warnings.append(confirmation.company_remark)
    warnings.append(t("flow.amend.mail", mail=shown["card_contact"]["email"]))
    warnings += ends_soon(place, certificate) if certificate else []
    blocks = tuple(b.id for b in place.profile.blocks if b.id in shown)
    card = (card_section(place, certificate.record, note=t("notice.serial")),) if certificate else ()
    return Review(
        id="review",
        title=confirmation.title,
        sections=(*sections(place, "amendment", shown, blocks, registered.registration.blocks), *card),
        warnings=tuple(warnings),
        question=confirmation.question,
        submit=confirmation.submit,
        back=confirmation.back,
        choice=choice,
    )
