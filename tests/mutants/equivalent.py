"""Changes that change nothing a test could see: the file, the line, what stands there instead, and why."""

from __future__ import annotations

POWER = "whether it is on the disk shows only when the power goes"

WAY_BACK = "whoever asks goes on with the list or the page after anything but CANCEL and a vendor"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("ebid_tui/flows/desk/applications.py", "return Nav.BACK", "return None"): WAY_BACK,
    ("ebid_tui/flows/desk/visit.py", "return Nav.BACK", "return None"): WAY_BACK,
    ("ebid_tui/server/pki/anchor_files.py", "os.fsync(opened.fileno())", "pass"): POWER,
    ("ebid_tui/server/pki/anchor_files.py", "opened.flush()", "pass"): POWER,
}
