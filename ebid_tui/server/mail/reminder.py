"""The mail that goes out before a card ends (R-45)."""

from __future__ import annotations

from ebid_tui.domain.profile.systems import Profile
from ebid_tui.domain.serial_numbers import shown_serial
from ebid_tui.domain.whereabouts import NOWHERE
from ebid_tui.messages import t
from ebid_tui.server.mail.completion import last_lines, line, menu_label
from ebid_tui.server.mail.own_words import in_own_words
from ebid_tui.server.settings import JAPAN
from ebid_tui.server.store.accepted_changes import CompletionMail
from ebid_tui.server.store.reminders import EndingCard


@in_own_words
def reminder(profile: Profile, ending: EndingCard) -> tuple[CompletionMail, ...]:
    """R-45: to the address of the card's contact; nothing where there is none. It tells dates, not days: mail may wait."""
    recipient = ending.blocks.get("card_contact", {}).get("email")
    if not recipient:
        return ()
    until = f"{ending.card.not_after.astimezone(JAPAN):%Y/%m/%d}"
    lines = [t("server.reminder_lead", until=until), "", *_whose(profile, ending)]
    lines += [line(profile.card.not_after_label, until), "", *_to_do(profile)]
    lines += ["", t("notice.ends_soon"), *profile.notices.ends_soon, "", t("server.reminder_registered")]
    lines += last_lines(profile)
    return (CompletionMail(recipient, t("server.reminder_subject", until=until), "\n".join(lines) + "\n"),)


def _whose(profile: Profile, ending: EndingCard) -> list[str]:
    """Company, where the card is registered under which number, and its serial as the system shows it."""
    label = profile.mail.labels.get("company.name", profile.labels("company")["name"])
    company = ending.blocks.get("company", {}).get("name") or t("server.mail_missing")
    where = [NOWHERE.at(profile, place.agency, place.category).with_vendor(profile, place.number) for place in ending.places]
    registered = [line(t("server.reminder_place"), place.text()) for place in where]
    return [line(label, company), *registered, line(profile.card.serial_label, shown_serial(ending.card, profile.card.serial))]


def _to_do(profile: Profile) -> list[str]:
    registration, renewal = menu_label(profile, "registration"), menu_label(profile, "renewal")
    if not any(item.id == "renewal" for item in profile.menu.items):
        return [t("server.reminder_register", registration=registration)]
    return [
        t("server.reminder_register_or_renew", registration=registration, renewal=renewal),
        t("server.reminder_renewal", renewal=renewal),
    ]
