"""The loader's reasons, which it raises in English, in the language spoken (`messages/reason.py`)."""

from __future__ import annotations

import re
from functools import cache

from ebid_tui.messages import t

ENGLISH: dict[str, str] = {
    "id_characters": "lower-case letters, digits, - and _ only",
    "id_of_file": "{a} is no id of a file: lower-case letters, digits, - and _ only",
    "no_authority": "at least one certification authority is needed",
    "after_open": "must be after hours.open",
    "weekdays": "0 (Monday) to 6 (Sunday), at least one",
    "no_search_field": "the search has no field {a}",
    "mail_required": "required, in every category: the mail on completion goes there",
    "no_registration_entry": "the entry 'registration' is missing",
    "one_needed": "at least one is needed",
    "password_without_fields": "password is offered, but [password] has no fields",
    "negative": "cannot be negative",
    "negative_or_for_ever": "cannot be negative; 0: for ever",
    "before_end": "days before a card's end: at least 1, and each once",
    "agency_without_category": "has no category",
    "unknown_authority": "no accepted authority {a} in issuers.toml; known: {b}",
    "not_a_time": "{a} is not HH:MM",
    "not_a_moment": "{a} is not YYYY-MM-DDTHH:MM",
    "window_ends": "a window must end after its start",
    "not_a_day": "{a} is not YYYY-MM-DD or MM-DD",
    "search_field_everywhere": "a search field is typed, in every category; operations do not count here",
    "key_needed": "the key of the search cannot be left out",
    "block_missing": "block {a} is missing",
    "no_such_block": "no such block; known: {a}",
    "no_field_set": "no field set {a}",
    "unused_field_set": "no block uses it",
    "source_impossible": "{a} is not possible here; only {b}",
    "both_operations": "what is typed at registration is shown at amendment, and the reverse",
    "mail_missing": "field 'email' is missing: the mail on completion goes there",
    "again_of_nothing": "needs a field email to equal",
    "again_before": "comes after email, which it must equal",
    "again_shorter": "takes less than email, which it must equal",
    "whose_card": "needed in every flow and category: it says whose card it is",
    "card_free_without_password": "the search asks no password, by which one could register without a card",
    "empty": "cannot be empty",
    "no_agency": "no agency {a}",
    "label_needed": "a field needs a label",
    "must_be_kind": "must be of kind {a}",
    "kind_only_for": "kind {a} is only for {b}",
    "kind_typed": "kind {a} is typed, never shown",
    "no_operation": "operations: at least one, or the field is nowhere",
    "optional_mark": 'an optional field needs another mark than {a} (mark = "" for none)',
    "exact_and_max": "exact and max exclude each other",
    "limit_negative": "a limit cannot be negative",
    "limit_needed": "an input needs max or exact",
    "kind_not_of_class": "a field of kind {a} cannot be {b}",
    "kind_needs_room": "a field of kind {a} needs room for {b} characters",
    "postal_exactly": "a postal code of class {a} has exactly {b} characters",
    "grades_shown": "grades are shown, never typed",
    "grades_need": "grades need lines and options",
    "lines_for_grades": "lines and options are for grades",
    "unknown_field": "no such field; known: {a}",
    "no_category_at": "no category {a} at {b}",
    "no_category": "no category {a}",
    "number_not_given": "a number is shown that this system does not give",
    "twice": "{a} appears {b} times",
    "not_in_mail_rows": "not among mail.rows",
    "no_company_id_field": "block company needs a field company_id, which says what the number is called",
    "nothing_to_print": "at least one block: the result can be printed",
    "not_comparable": "no field {a} of the company, the card's holder or its certificate",
    "not_compared": "{a} is missing: where the two cards differ in it, the person is asked",
    "no_block": "no block {a}",
    "no_field": "no field {a}",
    "control": "has the character U+{a}, which cannot be shown",
    "control_line": "has the character U+{a}, which cannot be shown in one line",
    "no_oid": "{a} is no OID: numbers with dots, as 1.2.392.200119.1",
    "any_policy": "{a} is anyPolicy: leave the key out, or set explicit_policy",
    "never_changed": "nothing here changes a password ([password] has no fields), so that none could ever be in force",
    "never_in_force": "a notified password would have to be changed, and nothing changes one: none could ever be in force",
    "card_for_no_password": "the search asks no password, for which a card could stand in",
    "initial_contradicts": "{a} contradicts search.notified_password, {b}",
    "counts_contradicts": "'at_once' contradicts search.password_change_delays",
    "other_numbers": "takes other numbers than the search, which has the same ones",
    "length_not_fitting": "{a} does not fit {b}, which takes {c}",
    "only_secret": "only {a}, the password and fields of one's own (x-…) can be secret",
    "secret_twice": "secret here and in the search, or nowhere",
    "here_or_elsewhere": 'either the name of another system, or fields to change it here (or changed = "nowhere")',
    "field_missing": "field {a} is missing",
    "typed_required": "typed and required, in every category; operations do not count here",
    "policy_impossible": "the policy asks for {a}, the field takes none",
    "search_secret_only": "only a field of the search can be secret",
    "shows_secret": "would show the number, which is secret",
    "only_number_secret": "only the number and passwords can be secret",
    "here_needs_fields": "changed here: fields are needed",
    "here_not_there": "changed here, and not in another system",
    "elsewhere_name": "the name of the system where it is changed is needed",
    "elsewhere_not_here": "changed in another system, and not by fields here",
    "nowhere_not_there": "changed nowhere, and not in another system",
    "nowhere_not_here": "changed nowhere, and not by fields here",
    "no_demo_vendor": "no vendor {a} in the demo",
    "serial_digits": "decimal digits, at most 49 (RFC 5280, 4.1.2.2)",
    "after_before": "must be after not_before",
    "not_utf8": "not UTF-8",
    "no_base": "no file {a}.toml; there are: {b}",
    "chain_long": "too many files one behind the other: {a}",
    "cycle": "the files extend one another: {a}",
    "without_list": 'a list of keys, as ["menu.items.renewal"]',
    "without_nothing": "nothing is extended (extends) from which it could be left out",
    "nothing_to_leave_out": "there is no {a} to leave out{c} There are: {b}",
    "beside": "one id of the list, beside which it stands: {a}",
    "id_is_file": "{a} is not the file's name, {b}",
    "no_system": "no such system; there are: {a}",
    "no_company_column": "no field of block company that a qualification has",
    "no_own_column": "no field of the search's own (x-…)",
    "column_twice": "column {a} is named {b} times",
    "faq_unknown": "no question {a}",
    "faq_also_left_out": "{a} is a question of [[faq]]",
    "braces": "cannot have {{ or }}",
    "mails_for_nothing": "nothing waits for its acceptance, so that these mails never go out",
    "papers_needed": "at least one: it waits for them",
    "immediate_waits_not": "'immediate' waits for nothing; what is to be done all the same stands in [[print.notes]]",
    "case_of_nothing": "is for nothing: none of its agencies has one of its categories",
    "note_never": "nothing of these operations waits for its acceptance",
    "no_papers": "there are no papers to hand in",
    "not_offered": "the menu does not offer {a}",
    "case_hidden": "never counts: later cases stand for all of it, and the last one that fits counts",
    "no_such_one": "no {a} {b}",
    "pad_for_numbers": "pad is for numbers in half-width characters that are not secret",
    "pattern_says_with": "pattern and pattern_says go together",
    "pattern_for_text": "pattern is for typed text that is not secret",
    "pattern_not_of_key": "the number of a vendor has no pattern: the list decides",
    "pattern_long": "a pattern has at most {a} characters",
    "pattern_broken": "is no pattern (Python's re)",
    "pattern_parts": "a pattern has characters, sets, groups, repeats and | only",
    "pattern_slow": "could take for ever: nothing of varying length inside a repeat, and few of them",
    "pattern_nothing": "no value was found that fits the pattern and the field's characters and length",
    "pad_too_long": "pad cannot be more than the {a} characters that the field takes",
}
"""As the loader raises them; `{a}` is what it names."""


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each reason by its key; what has more words of its own is tried first."""
    found = []
    for key, english in ENGLISH.items():
        parts = re.split(r"(?<!\{)\{(\w)\}", english)
        text = "".join(
            f"(?P<{part}>.*)" if number % 2 else re.escape(part.replace("{{", "{").replace("}}", "}")) for number, part in enumerate(parts)
        )
        found.append((key, re.compile(text, re.DOTALL)))
    return tuple(sorted(found, key=lambda item: -len(re.sub(r"\{\w\}", "", ENGLISH[item[0]]))))


def key_of(reason: str) -> str | None:
    """The message that an English reason is, if it is one."""
    return next((key for key, pattern in _patterns() if pattern.fullmatch(reason)), None)


def told(reason: str) -> str:
    """A reason in the language spoken; as it is where nobody knows it."""
    for key, pattern in _patterns():
        if found := pattern.fullmatch(reason):
            return t(f"reason.{key}", **found.groupdict())
    return reason
