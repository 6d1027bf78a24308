"""The demo's vendors: the documents' own test data, with their passwords. Data only, so that the app can tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ebid_tui.domain.records import Values


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoVendor:
    """A vendor at every `places` (agency, category) of its system. `contact` is what its registered cards have typed."""

    system: str
    number: str
    places: tuple[tuple[str, str], ...]
    trade_name: str
    company: Values
    password: str = field(default="", repr=False)
    password_state: Literal["initial", "active"] = "active"
    login_id: str | None = None
    department: str = ""
    branch: str = ""
    """Behind the company's name wherever documents print it; the search is asked without."""
    contact: Values = field(default_factory=dict)
    company_id: str | None = None


def _contact(*values: str) -> Values:
    return dict(zip(("name", "postal_code", "address", "person", "phone", "fax", "email"), values, strict=True))


def _company(*values: str) -> Values:
    return dict(zip(("name", "postal_code", "address", "representative", "title", "phone", "fax"), values, strict=True))


def _ise_company(name: str, representative: str) -> Values:
    return _company(name, "516-0018", "三重県伊勢市", representative, "代表取締役", "000-0000-001", "000-0000-001")


VENDORS = (
    DemoVendor(
        system="ise",
        number="1000000001",
        places=(("ise", "construction"),),
        trade_name="テスト工事業者０１",
        company=_ise_company("テスト工事業者０１", "個人　十郎"),
        password="Demo-pass1",
    ),
    DemoVendor(
        system="ise",
        number="1000000002",
        places=(("ise", "construction"),),
        trade_name="テスト工事業者０２",
        company=_ise_company("テスト工事業者０２", "テスト　二郎"),
        password="Init-pass1",
        password_state="initial",
    ),
    DemoVendor(
        system="ise",
        number="1000000005",
        places=(("ise", "construction"),),
        trade_name="建設工事００５",
        company=_ise_company("建設工事００５", "テスト　六郎"),
        password="Demo-pass5",
        department="工事部",
        contact=_contact("工事部", "516-0018", "三重県伊勢市", "テスト　六郎", "000-0000-005", "000-0000-005", "test05@example.com"),
    ),
    DemoVendor(
        system="ise",
        number="2000000001",
        places=(("ise", "goods"),),
        trade_name="テスト物品業者０１",
        company=_ise_company("テスト物品業者０１", "物品　一郎"),
        password="Demo-pass1",
    ),
    DemoVendor(
        system="aomori",
        number="990000001",
        places=(("aomori", "construction"), ("aomori", "goods")),
        trade_name="（株）テスト商会０１",
        company=_company(
            "（株）テスト商会０１",
            "123-4567",
            "○○○市××町△丁目１－１－１",
            "テスト　１太郎",
            "代表取締役社長",
            "03-0920-9991",
            "03-0920-9991",
        ),
        password="demo1234",
        login_id="user01",
        department="支店",
        contact=_contact(
            "営業部", "123-4567", "○○○市××町△丁目１－１－１", "テスト　１太郎", "03-0920-9991", "03-0920-9991", "test01@example.com"
        ),
        company_id="9992100000000011",
    ),
    DemoVendor(
        system="nagasaki",
        number="3000000001",
        places=(("nagasaki-pref", "construction"), ("nagasaki-city", "construction")),
        trade_name="長崎テスト建設株式会社",
        company=_company(
            "長崎テスト建設株式会社", "850-8570", "長崎県長崎市尾上町３－１", "長崎　太郎", "代表取締役", "095-000-0001", "095-000-0002"
        ),
        department="工事部",
        contact=_contact(
            "工事部", "850-8570", "長崎県長崎市尾上町３－１", "長崎　太郎", "095-000-0001", "095-000-0002", "nagasaki@example.com"
        ),
    ),
    DemoVendor(
        system="saitama",
        number="4000000001",
        places=(("saitama-pref", "construction"), ("saitama-city", "construction")),
        trade_name="株式会社○○建設",
        company=_company(
            "株式会社○○建設", "330-9301", "埼玉県さいたま市浦和区高砂３－１５－１", "△△　太郎", "支店長", "048-000-0001", "048-000-0002"
        ),
        password="Demo0001",
        department="さいたま支店",
        branch="さいたま支店",
        contact=_contact(
            "さいたま支店",
            "330-9301",
            "埼玉県さいたま市浦和区高砂３－１５－１",
            "△△　太郎",
            "048-000-0001",
            "048-000-0002",
            "saitama@example.com",
        ),
    ),
)
