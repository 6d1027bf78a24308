"""Line mode's choice of one of several: by number, by id, or by label."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ebid_tui.flows.ui import Nav, Trouble, way_out
from ebid_tui.language import BESIDE
from ebid_tui.messages import t
from ebid_tui.plain.answers import Answers, Prompt, same
from ebid_tui.plain.asking import Asker
from ebid_tui.plain.words import nav_of


class Chooser:
    """Asks until the answer is one of those that may be given."""

    def __init__(self, answers: Answers, asker: Asker) -> None:
        self.answers = answers
        self.asker = asker
        self.flow_ended = False

    async def one_of(
        self,
        prompt_id: str,
        options: Sequence[tuple[str, str]],
        preset: str | None = None,
        names: Sequence[tuple[str, str]] = (),
        aside: Callable[[str], bool] | None = None,
    ) -> str | Nav:
        """One of `options` (id, label), by number, else by id, else by label. With `names` (id, name) only by these.

        `aside` is told what is none of them, and says whether it was only to see more of the list.
        """
        told = [(dict(reversed(names)).get(option, str(n)), label) for n, (option, label) in enumerate(options, start=1)]
        allowed = [f"{name} {label}" for name, label in told]
        prompt = Prompt(prompt_id, preset, tuple(allowed), again=self.flow_ended)
        while True:
            answer = (await self.asker.line(prompt, "")).strip()
            if (nav := nav_of(answer)) is not None:
                return nav
            named = [(name, option) for option, name in names] or names_of(options)
            chosen = next((option for name, option in named if same(answer, name)), None)
            if chosen is not None:
                return chosen
            if aside is not None and aside(answer):
                continue
            print(t("plain.not_a_choice", allowed=" | ".join(prompt.allowed)) if aside is None else t("plain.list_unknown"))
            self.answers.may_repeat(prompt)


async def way_on(chooser: Chooser, trouble: Trouble) -> str:
    """Which of several ways leads on from a refusal."""
    print(t("plain.way"))
    options = [(way, trouble.labels.get(way) or t(f"common.{way}")) for way in trouble.ways]
    for number, (way, label) in enumerate(options, start=1):
        print(f"{number} {way} {label}")
    least = way_out(trouble.ways)
    answer = await chooser.one_of("way", options, "cancel" if "cancel" in trouble.ways else least)
    if answer is Nav.BACK:
        return least
    return "cancel" if answer is Nav.CANCEL and "cancel" in trouble.ways else least if isinstance(answer, Nav) else answer


async def really_left(chooser: Chooser, costs: Sequence[str]) -> bool:
    """Whether a page is left whose leaving costs what these sentences say; not asked where it costs nothing."""
    if not costs:
        return True
    for sentence in ("screen.leave.question", *costs):
        print(t(sentence))
    options = [("no", t("screen.leave.no")), ("yes", t("screen.leave.yes"))]
    for number, (answer, label) in enumerate(options, start=1):
        print(f"{number} {answer} {label}")
    return await chooser.one_of("leave", options, "no") == "yes"  # the same word once more is no answer


def names_of(options: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What each option may be called: number, id, label, and the documents' own label, in every language."""
    named = [(str(number), option) for number, (option, _) in enumerate(options, start=1)]
    named += [(option, option) for option, _ in options] + [(label, option) for option, label in options]
    return named + [(label.partition(BESIDE)[0], option) for option, label in options]
