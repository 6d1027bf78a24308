"""Changes that change nothing a test could see: the file, the line, what stands there instead, and why."""

from __future__ import annotations

POWER = "whether it is on the disk shows only when the power goes"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("ebid_tui/server/pki/anchor_files.py", "os.fsync(opened.fileno())", "pass"): POWER,
    ("ebid_tui/server/pki/anchor_files.py", "opened.flush()", "pass"): POWER,
}
