"""Which notices stand where: the documents' warnings at the page on which they are needed, not in a help page alone.

What holds in every system follows from its settings and is said in our words (`messages/notice.py`); what one system's documents
add stands in its file (`Profile.notices`).
"""

from __future__ import annotations

from ebid_tui.domain.profile.systems import Operation, Profile
from ebid_tui.domain.records import Found, Qualification, Receipt
from ebid_tui.flows.place import Place
from ebid_tui.flows.ui import Row, Section
from ebid_tui.language import joined
from ebid_tui.messages import t

Sentences = list[str]


def key_label(profile: Profile) -> str:
    """What the documents call the number that a card is registered under: 業者番号 or ユーザID."""
    return next(field.label for field in profile.search.fields if field.id == profile.search.key)


def on_agencies(profile: Profile) -> Sentences:
    """R-42, R-46: any one agency will do, except for those that were added later."""
    said = [t("notice.one_agency", agency=profile.agency_title)] if profile.rules.propagation else []
    if profile.rules.propagation:
        said.append(t("notice.added_agency", agency=profile.agency_title))
    return [*said, *profile.notices.agency]


def on_categories(profile: Profile) -> Sentences:
    """R-41: each category registers by itself."""
    return [t("notice.each_category", category=profile.category_title)]


def on_menu(profile: Profile) -> Sentences:
    """R-42: what is registered here follows elsewhere overnight; who cannot wait chooses that agency."""
    said = [t("notice.at_once", agency=profile.agency_title)] if profile.rules.propagation else []
    return [*said, *profile.notices.menu]


def on_search(place: Place, *, card: bool) -> Sentences:
    """R-40: whoever types another's number spoils the card; without a card there is nothing to spoil."""
    said = [t("notice.one_card", key=key_label(place.profile))] if card else []
    return [*said, *place.profile.notices.search]


def on_form(place: Place, found: Found, *, card: bool) -> Sentences:
    """R-40: for whom, before anything is typed; what counts while the qualification is under review."""
    said = [_vendor(place, found.qualification)] if card else []
    said += place.profile.notices.form
    if found.qualification.state == "under_review":
        said += [t("flow.form.under_review"), t("notice.under_review"), *place.profile.notices.under_review]
    return said


def _vendor(place: Place, vendor: Qualification) -> str:
    branch = vendor.company.get("branch", "")
    told = _told(place, vendor)
    return t("notice.vendor_branch", **told, branch=branch) if branch else t("notice.vendor", **told)


def _told(place: Place, vendor: Qualification) -> dict[str, str]:
    """Whose it is: the number with its label; where that is a secret the company's name with its own."""
    profile = place.profile
    if profile.number_secret:
        return {"key": profile.labels("company").get("name", ""), "number": vendor.trade_name}
    return {"key": key_label(profile), "number": vendor.vendor.number}


def vendor_section(place: Place, vendor: Qualification) -> Section:
    """R-40: for whom the card is registered. Where two branches bear one company's name, the number alone tells them apart."""
    branch = vendor.company.get("branch", "")
    told = _told(place, vendor)
    rows = [Row(told["key"], told["number"], "!")]
    rows += [Row(t("notice.branch"), branch)] if branch else []
    return Section(t("notice.vendor_title"), tuple(rows))


def on_waiting(place: Place, operation: Operation) -> Sentences:
    """Before anything is signed: that it is not complete with that."""
    rule = place.profile.acceptance_of(operation, place.agency.id, place.category.id)
    return [t(f"acceptance.before_{rule.kind}")] if rule.waits else []


def on_confirmation(place: Place, vendor: Qualification) -> Sentences:
    """R-40: said once more beside the number, before anything is signed."""
    key, branch = key_label(place.profile), vendor.company.get("branch", "")
    said = [t("notice.confirm_number", **_told(place, vendor))]
    said += [t("notice.confirm_branch", key=key, branch=branch)] if branch else []
    return [*said, *place.profile.notices.confirmation]


def on_ending_card(place: Place) -> Sentences:
    """R-45: what a card that ends soon may spoil, and whom to ask in time."""
    return [t("notice.ends_soon"), *place.profile.notices.ends_soon]


def on_lost_pin(profile: Profile | None) -> Sentences:
    """R-44: where a PIN is not known, or its card is locked; None where no system is known (changing a PIN)."""
    return [t("notice.issuing"), *(profile.notices.pin if profile else ())]


def on_done(place: Place, receipt: Receipt) -> Sentences:
    """R-11, R-41, R-42: what counts from now on, what is still to do, and how to go on."""
    profile, operation = place.profile, receipt.operation
    if receipt.state != "accepted":
        return [t("notice.check", status=t("flow.menu.status")), t("notice.close_windows"), *profile.notices.done]
    said = {"registration": [t("notice.log_in")] if receipt.card else [], "renewal": [t("notice.old_card")]}.get(operation, [])
    if others := [c.name for c in profile.categories_of(place.agency.id) if c.id != place.category.id]:
        said.append(t("notice.register_other" if operation == "registration" else "notice.repeat_other", names=joined("、", others)))
    if profile.rules.propagation:
        followed = "tomorrow" if operation == "registration" else "chosen" if receipt.propagate else "not_chosen"
        said.append(t(f"notice.others_{followed}", agency=profile.agency_title))
    said += [t("notice.check", status=t("flow.menu.status")), t("notice.close_windows")]
    return [*said, *profile.notices.done]
