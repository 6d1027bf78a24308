"""Small rules of the server, each by itself: who asks, what a request's head may be, which body is read, and what is told of a refusal."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, get_args

import pytest

from ebid_tui.domain.profile.systems import profile_of
from ebid_tui.domain.records import Vendor
from ebid_tui.domain.text.classes import CharClass, refused
from ebid_tui.errors import EbidError, InputError, RuleError, ServerError
from ebid_tui.messages import t
from ebid_tui.server.api import limits, strictness
from ebid_tui.server.decisions import proving, resetting, standing
from ebid_tui.server.decisions.limits import refuse
from ebid_tui.server.running import observing

ISE = profile_of("ise")


# --- who asks


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("", ""),
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
    ],
)
def test_a_network_of_version_6_counts_as_one(address: str, counted: str) -> None:
    assert limits.coarse(address) == counted


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        (None, ["203.0.113.9"], ""),
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
        ("testclient", ["203.0.113.9"], "testclient"),
    ],
)
def test_who_asks(peer: str | None, forwarded: list[str], address: str) -> None:
    settings = SimpleNamespace(trusted_proxies=("10.0.0.0/8",), kiosk_addresses=())
    state = SimpleNamespace(services=SimpleNamespace(settings=settings))
    headers = SimpleNamespace(getall=lambda name, default: forwarded if name == "x-forwarded-for" else default)
    client = None if peer is None else SimpleNamespace(host=peer)
    request: Any = SimpleNamespace(client=client, headers=headers, app=SimpleNamespace(state=state))
    assert limits.caller(request).address == address


def test_a_chain_of_proxies_is_followed_so_far() -> None:
    trusted = ("10.0.0.0/8",)
    chain = ", ".join(f"10.0.0.{n}" for n in range(limits.LONGEST_CHAIN + 1))
    assert limits.address_of("10.1.1.1", [chain], trusted) == "10.0.0.1"
    assert limits.address_of("10.1.1.1", [f"203.0.113.9,{chain}"], trusted) == "10.0.0.1"
    short = ",".join(["10.0.0.1"] * (limits.LONGEST_CHAIN - 1))
    assert limits.address_of("10.1.1.1", [f"203.0.113.9,{short}"], trusted) == "203.0.113.9"
    assert limits.address_of("10.1.1.1", ["[10.0.0.9]:1, 10.0.0.2:3"], trusted) == "10.0.0.9"
    assert limits.address_of("10.1.1.1", ["2001:db8::1"], trusted) == "2001:db8::1"
    assert limits.address_of("unix", ["203.0.113.9"], ("10.0.0.0/8",)) == "unix"


def test_proxies_that_are_ones() -> None:
    limits.refuse_unknown_proxies(("unix", "10.0.0.0/8", "192.0.2.1", "2001:db8::/32"))


@pytest.mark.parametrize(("seconds", "after"), [(0.001, 1), (1.0, 1), (1.2, 2)])
def test_whoever_has_to_wait_is_told_how_long(seconds: float, after: int) -> None:
    refuse(0)
    with pytest.raises(ServerError) as caught:
        refuse(seconds)
    assert (caught.value.code, caught.value.values["retry_after"]) == ("E-TOO-MANY", after)


# --- the head of a request


def head(headers: list[tuple[bytes, bytes]] | None = None, path: bytes = b"/", query: bytes = b"", version: str = "1.1") -> Any:
    return {"headers": headers or [], "raw_path": path, "query_string": query, "http_version": version, "method": "GET"}


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        (head([(b"a", b"b")] * observing.MOST_HEADERS), None),
        (head([(b"a", b"b")] * (observing.MOST_HEADERS + 1)), "E-HEADERS"),
        (head([(b"a", b"x" * (observing.HEADER_BYTES - 1))]), None),
        (head([(b"ab", b"x" * (observing.HEADER_BYTES - 1))]), "E-HEADERS"),
        (head([(b"ab", b"x" * (observing.HEADER_BYTES // 2 - 2))] * 2), None),
        (head([(b"ab", b"x" * (observing.HEADER_BYTES // 2 - 1))] * 2), "E-HEADERS"),
        (head(path=b"x" * 8000, query=b"y" * 192), None),
        (head(path=b"x" * 8000, query=b"y" * 193), "E-TARGET"),
        (head(version="1.0"), None),
        (head(version="2"), "E-BODY"),
    ],
)
def test_a_head_is_small_and_of_a_version_that_is_known(scope: Any, code: str | None) -> None:
    assert observing._unfit(scope) == code


def test_methods_that_nobody_knows_are_counted_as_one() -> None:
    assert [observing._method(head() | {"method": method}) for method in ("GET", "POST", "HIMITSU")] == ["GET", "POST", "other"]


# --- the body of a request


@pytest.mark.parametrize(
    ("body", "odd"),
    [
        (b"", False),
        (b'{"a": {"b": 1}, "b": [1.5, "\\u3042", "\\\\u0000"]}', False),
        (b"1e308", False),
        (b'{"a": 1, "a": 2}', True),
        (b'[{"a": {"b": 1, "b": 1}}]', True),
        (b"1e309", True),
        (b"-1e309", True),
        (b"NaN", True),
        (b"-Infinity", True),
        (b'"\\u0000"', True),
        (b'"\\\\\\u0000"', True),
        (b'"\\ud800"', True),
        (b'"\xff"', True),
        (b"\xef\xbb\xbf{}", True),
        (b"[" * 100_000, True),
    ],
)
def test_what_programs_read_differently_is_not_read(body: bytes, odd: bool) -> None:
    if not odd:
        strictness.refuse_odd(body)
        return
    with pytest.raises(ServerError, match="E-BODY"):
        strictness.refuse_odd(body)


# --- what is told


@pytest.mark.parametrize(("system", "several"), [("ise", False), ("saitama", True)])
def test_r_28_names_every_likely_cause_of_what_was_asked(system: str, several: bool) -> None:
    profile = profile_of(system)
    agency = profile.agencies[0].id
    wanted = tuple(profile.search_fields(agency))
    asked = proving.TypedProof(profile, wanted, {})
    causes = proving._with_causes(asked, RuleError("R-28"), 4).causes
    kinds = {field.kind for field in wanted}
    assert (t("server.cause_agency") in causes, t("server.cause_category") in causes) == (several, not several)
    assert (t("server.cause_password") in causes) == ("password" in kinds)
    assert (t("server.cause_same_day") in causes) == (system == "saitama")
    assert t("server.cause_width") in causes
    names = {t("server.cause_name"), t("server.cause_name_as_registered")} & set(causes)
    assert bool(names) == ("name" in kinds)
    label = next(field.label for field in wanted if field.id == profile.search.key)
    assert causes[0] == t("server.cause_number", label=label)


def test_r_28_a_search_is_for_an_agency_and_a_category_that_are_there() -> None:
    for agency, category, field in (("elsewhere", "construction", "search.agency"), ("ise", "elsewhere", "search.category")):
        with pytest.raises(InputError) as caught:
            proving.checked_search(ISE, agency, category, {})
        assert [(name, code) for name, code, _ in caught.value.problems] == [(field, "R-28")]


@pytest.mark.parametrize(
    ("agency", "category", "there"), [("ise", "construction", True), ("x", "construction", False), ("ise", "x", False)]
)
def test_a_place_that_is_not_there(agency: str, category: str, there: bool) -> None:
    if there:
        standing.refuse_unknown_place(ISE, agency, category)
    else:
        with pytest.raises(ServerError, match="E-NOT-FOUND"):
            standing.refuse_unknown_place(ISE, agency, category)


# --- initial passwords


@pytest.mark.parametrize(
    ("members", "length", "letters"),
    [
        ({"chars": "half_digits", "exact": 8, "max": 20}, 8, "23456789"),
        ({"chars": "half_digits", "exact": None, "max": 20}, 12, "23456789"),
        ({"chars": "half_digits_symbols", "exact": None, "max": 20}, 12, "23456789+-"),
        ({"chars": "half_alnum_symbols", "exact": None, "max": 10}, 10, None),
        ({"chars": "half_alnum", "exact": None, "max": 10}, 10, None),
    ],
)
def test_r_14_a_password_has_every_kind_and_nothing_that_looks_alike(members: dict[str, Any], length: int, letters: str | None) -> None:
    field = SimpleNamespace(id="password", **members)
    profile: Any = SimpleNamespace(search=SimpleNamespace(fields=[SimpleNamespace(id="vendor_no"), field]))
    made = [resetting.new_initial_password(profile) for _ in range(200)]
    assert {len(one) for one in made} == {length}
    assert not set("".join(made)) & resetting.LOOK_ALIKES
    if letters:
        assert set("".join(made)) == set(letters)
    else:
        symbols = set("!#$%+-=?@") if members["chars"] == "half_alnum_symbols" else set()
        assert set("".join(made)) - symbols == set("".join(made)) & {chr(n) for n in range(128) if chr(n).isalnum()}
        for one in made:
            assert any(c.isdigit() for c in one)
            assert any(c.isalpha() for c in one)
            assert bool(set(one) & symbols) == bool(symbols)
        assert len({one[0].isdigit() for one in made}) == 2, "in any order"


@pytest.mark.parametrize("chars", [chars for chars in get_args(CharClass) if chars != "full_width"])
def test_r_14_the_field_takes_the_password_that_is_made_for_it(chars: CharClass) -> None:
    profile: Any = SimpleNamespace(search=SimpleNamespace(fields=[SimpleNamespace(id="password", chars=chars, exact=None, max=20)]))
    assert refused("".join(resetting.new_initial_password(profile) for _ in range(50)), chars) == ()


def test_where_no_password_is_asked_there_is_none() -> None:
    profile: Any = SimpleNamespace(search=SimpleNamespace(fields=[SimpleNamespace(id="vendor_no")]))
    with pytest.raises(EbidError, match="E-NO-ACCOUNT"):
        resetting.new_initial_password(profile)


# --- a card that is taken


@pytest.mark.parametrize(
    ("cards", "owner", "own"), [([], None, False), (["other", "mine"], "1", True), (["other", "mine"], "2", None), (["other"], "2", None)]
)
def test_r_30_a_card_of_another_number_is_refused_by_its_name_in_this_realm(
    cards: list[str], owner: str | None, own: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    realm = ISE.category("construction").realm
    found = [SimpleNamespace(trade_name=name, realm=realm if name == "mine" else "another") for name in cards]
    monkeypatch.setattr("ebid_tui.server.decisions.standing.registrations.registered_cards", lambda *_: found)
    monkeypatch.setattr("ebid_tui.server.decisions.standing.registrations.owner", lambda *_: owner)
    monkeypatch.setattr("ebid_tui.server.decisions.standing.rules.refuse_registered", lambda *_: None)
    if own is not None:
        assert standing.refuse_taken(None, ISE, "ise", "construction", "f", "1") is own  # type: ignore[arg-type]
        return
    with pytest.raises(RuleError) as caught:
        standing.refuse_taken(None, ISE, "ise", "construction", "f", "1")  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.detail) == ("R-30", "mine" if "mine" in cards else "")
    assert t("server.cause_two_numbers") in caught.value.causes


@pytest.mark.parametrize(
    ("state", "known", "code"), [(None, True, "E-NOT-REGISTERED"), ("renewed", True, "R-11"), ("active", False, "R-10")]
)
def test_what_stands_in_the_way_of_a_registration(state: str | None, known: bool, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = Vendor(system="ise", agency="ise", category="construction", number="1")
    row = None if state is None else SimpleNamespace(id="R-1", state=state, vendor=vendor)
    monkeypatch.setattr("ebid_tui.server.decisions.standing.acceptances.renewal_of", lambda *_: None)
    monkeypatch.setattr("ebid_tui.server.decisions.standing.registrations.standing", lambda *_: row)
    monkeypatch.setattr("ebid_tui.server.decisions.standing.vendors.known", lambda *_: object() if known else None)
    with pytest.raises((ServerError, RuleError)) as caught:
        standing.standing(None, ISE, SimpleNamespace(fingerprint="f"), "ise", "construction")  # type: ignore[arg-type]
    assert caught.value.code == code
    if code == "R-11":
        assert caught.value.detail == "renewed"
