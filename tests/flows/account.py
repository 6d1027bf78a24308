"""One vendor's password, as the office keeps it (R-03, R-04, R-33)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ebid_tui.domain import password_policy
from ebid_tui.domain.profile.systems import Password
from ebid_tui.errors import InputError, RuleError

MOST_WRONG = 5


@dataclass
class Account:
    """`wrong` counts wrong passwords in a row; `initial` until it was changed once."""

    number: str
    usable_from: datetime
    password: str = "Demo-pass1"
    initial: bool = False
    wrong: int = 0

    def prove(self, values: Mapping[str, str]) -> None:
        """R-28 for an unknown number or a wrong password, R-33 from the fifth in a row on."""
        if values["vendor_no"] != self.number:
            raise RuleError("R-28")
        if self.wrong >= MOST_WRONG or values["password"] != self.password:
            self.wrong += 1
            raise RuleError("R-33" if self.wrong >= MOST_WRONG else "R-28", contact="契約課", causes=("0 と O の間違い",))
        self.wrong = 0

    def change(self, policy: Password, values: Mapping[str, str]) -> None:
        """R-04: decided here too, whatever the client has told."""
        self.prove(values)
        if faulty := password_policy.problems(policy, values):
            raise InputError([(f"password_change.{name}", problem.code, problem.message) for name, problem in faulty.items()])
        self.password, self.initial = values["new_password"], False
