"""Changes that change nothing a test could see: the file, the line, what stands there instead, and why."""

from __future__ import annotations

POWER = "whether it is on the disk shows only when the power goes"

WAY_BACK = "whoever asks goes on with the list or the page after anything but CANCEL and a vendor"

ONE_MORE = "a page shows as many as it may, and whether there are more is seen by one more row as well as by two"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("ebid_tui/flows/desk/applications.py", "return Nav.BACK", "return None"): WAY_BACK,
    ("ebid_tui/flows/desk/visit.py", "return Nav.BACK", "return None"): WAY_BACK,
    ("ebid_tui/server/pki/anchor_files.py", "os.fsync(opened.fileno())", "pass"): POWER,
    ("ebid_tui/server/pki/anchor_files.py", "opened.flush()", "pass"): POWER,
    ("ebid_tui/server/store/finding.py", "rows = connection.execute(chosen.limit(page.limit + 1)).all()", "(2)"): ONE_MORE,
    ("ebid_tui/server/store/finding.py", "rows = connection.execute(chosen.limit(page.limit + 1), asked).all()", "(2)"): ONE_MORE,
}
