"""`ebid-tui admin check-system FILE …`: is this a system's file that can be served?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ebid_tui.domain.profile import systems
from ebid_tui.domain.profile.systems import Operation, Profile
from ebid_tui.errors import ProfileError
from ebid_tui.messages import t

LARGEST = 1024 * 1024
OPERATIONS: tuple[Operation, ...] = ("registration", "amendment", "renewal")


def check(files: Sequence[Path]) -> int:
    """Say of each file what it describes, or what is wrong with it (file, key, reason). 0, or 1 if any is broken."""
    broken = 0
    for file in files:
        try:
            profile = _loaded(file)
        except ProfileError as error:
            broken += 1
            print(t("admin.system_broken", file=file, key=error.key, reason=error.reason), file=sys.stderr)
        else:
            print("\n".join(_summary(file, profile)))
    if broken:
        print(t("admin.systems_bad", n=broken), file=sys.stderr)
    return 1 if broken else 0


def _loaded(file: Path) -> Profile:
    """Raises ProfileError."""
    try:
        if not file.exists():
            raise ProfileError(file.name, "-", t("admin.no_file"))
        if not file.is_file():
            # A pipe or a device might never end.
            raise ProfileError(file.name, "-", t("admin.not_a_file"))
        if file.stat().st_size > LARGEST:
            raise ProfileError(file.name, "-", t("admin.too_large"))
    except (OSError, ValueError) as error:
        raise ProfileError(file.name, "-", getattr(error, "strerror", None) or str(error)) from None
    return systems.load(file)


def _summary(file: Path, profile: Profile) -> list[str]:
    agencies, categories = [a.name for a in profile.agencies], [c.name for c in profile.categories]
    blocks = {profile.search.title: len(profile.search.fields)}
    for block in profile.blocks:
        blocks[block.title] = len(
            {f.id for operation in OPERATIONS for c in profile.categories for f in profile.fields(block.id, operation, c.id)}
        )
    counted = "、".join(t("admin.system_block", title=title, n=n) for title, n in blocks.items())
    return [
        t("admin.system_ok", file=file),
        t("admin.system_title", name=profile.name, title=profile.title),
        t("admin.system_agencies", title=profile.agency_title, n=len(agencies), names="、".join(agencies)),
        t("admin.system_categories", title=profile.category_title, n=len(categories), names="、".join(categories)),
        t("admin.system_fields", n=sum(blocks.values()), blocks=counted),
    ]
