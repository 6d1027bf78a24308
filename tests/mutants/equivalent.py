"""Changes that change nothing a test could see: the file, the line, what stands there instead, and why."""

from __future__ import annotations

PAIR = "two characters that are looked at as one are a kana and its voicing mark: neither is removed, neither is circled"

SPACE = "what a space becomes is said below it, and no field of half width takes one"

BEFORE = "it stands before the first place, however far"

ONE_MORE = "a page shows as many as it may, and whether there are more is seen by one more row as well as by two"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("ebid_tui/domain/text/classes.py", "if removed_kind(unit[0]) is not None:", "(-1)"): PAIR,
    (
        "ebid_tui/domain/text/classes.py",
        'candidates.append(circled_number(unit[0]) or SUGGESTIONS.get(fold(unit, char_class), ""))',
        "(-1)",
    ): PAIR,
    ("ebid_tui/domain/text/classes.py", "_SHIFTED = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}", "(32)"): SPACE,
    ("ebid_tui/server/evidence/verification.py", 'self._last: tuple[int, str, str] = (-1, "", "")', "(2)"): BEFORE,
    ("ebid_tui/server/evidence/verification.py", 'self._last: tuple[int, str, str] = (-1, "", "")', "(0)"): BEFORE,
    ("ebid_tui/server/store/finding.py", "rows = connection.execute(chosen.limit(page.limit + 1)).all()", "(2)"): ONE_MORE,
    ("ebid_tui/server/store/finding.py", "rows = connection.execute(chosen.limit(page.limit + 1), asked).all()", "(2)"): ONE_MORE,
}
