"""A page follows what has the focus in small steps, forth and back."""

from __future__ import annotations

import pytest

from ebid_tui.forms.model import FormModel
from ebid_tui.widgets.form_page import paint_form
from ebid_tui.widgets.frame import PageBody
from ebid_tui.widgets.scrolling import Viewport, followed
from tests.screens import scripted

HEIGHT = 19
"""Rows of a form's body at 80x24."""


def test_every_step_through_the_registration_form_scrolls_by_two_rows_at_most_and_shows_the_next_one() -> None:
    model = FormModel(scripted.registration(scripted.filled()))
    still = top = 0
    rows = len(paint_form(model, 80).lines)
    steps = [1] * 16 + [-1] * 16 + [1, 1, 1, -1, -1, 1, 1, 1, 1, 1, 1, 1, 1, -1, 1, 1, 1, 1]
    for step in steps:
        model.move(step)
        body = paint_form(model, 80)
        before, top = top, followed(top, HEIGHT, body)
        assert abs(top - before) <= 2
        still += top == before
        first = body.stops[body.stop - 1][1] + 1 if body.stop else 0
        last = rows - 1 if body.stop == len(body.stops) - 1 else body.stops[body.stop][1]
        assert top <= max(0, first - 1)
        assert min(last + 1, rows - 1) < top + HEIGHT
    assert still > len(steps) * 0.4


def test_at_the_ends_the_page_is_at_its_ends() -> None:
    model = FormModel(scripted.registration())
    model.go(16)
    body = paint_form(model, 80)
    top = followed(0, HEIGHT, body)
    assert top == len(body.lines) - HEIGHT
    model.go(0)
    assert followed(top, HEIGHT, paint_form(model, 80)) == 0


def test_a_stop_taller_than_the_page_shows_its_end_where_one_types() -> None:
    body = PageBody([()] * 40, stops=[(0, 39)], cursor=(2, 33))
    assert followed(0, 10, body) == 30


@pytest.mark.parametrize("top", [0, 7])
def test_a_page_without_focus_stays_where_it_is(top: int) -> None:
    view = Viewport()
    view.place(top)
    view.show(PageBody([()] * 40), 10)
    assert view.top == top
