"""Tables of characters that stand for others: what is suggested in place of a refused character, and dashes.

Nothing here replaces anything: the tables feed suggestions and comparisons.
"""

from __future__ import annotations

from collections.abc import Mapping

DASHES = frozenset("-ー‐‑‒–—―−－─━ｰ﹣﹘⁃˗➖")
"""Look alike, and are eighteen different characters."""

VOICING_MARKS = frozenset("\u3099\u309a")

LEGAL_FORMS: Mapping[str, str] = {
    "株": "株式会社",
    "有": "有限会社",
    "同": "合同会社",
    "資": "合資会社",
    "名": "合名会社",
    "社": "社団法人",
    "財": "財団法人",
    "一社": "一般社団法人",
    "一財": "一般財団法人",
    "公社": "公益社団法人",
    "公財": "公益財団法人",
    "協": "協同組合",
    "企": "企業組合",
    "特非": "特定非営利活動法人",
    "医": "医療法人",
    "学": "学校法人",
    "福": "社会福祉法人",
    "宗": "宗教法人",
    "独": "独立行政法人",
}
"""What stands in parentheses or a square, and the form written out (R-13)."""

SQUARED_LEGAL_FORMS: Mapping[str, str] = {
    "㈱": "株式会社",
    "㍿": "株式会社",
    "㊑": "株式会社",
    "㈲": "有限会社",
    "㊒": "有限会社",
    "㈾": "合資会社",
    "㈴": "合名会社",
    "㈳": "社団法人",
    "㈶": "財団法人",
    "㊖": "財団法人",
    "㈿": "協同組合",
    "㈻": "学校法人",
}

# Pairs of a character outside JIS X 0208 and the one that takes its place: the forms that registries and card
# authorities use themselves when they write such a name in JIS X 0208. Compatibility ideographs (神 U+FA19) and
# Kangxi radicals (⽇, pasted from PDFs) need no entry: Unicode names their counterpart.
_KANJI_PAIRS = """
髙高 﨑崎 㟢崎 𠮷吉 濵浜 瀨瀬 德徳 靑青 淸清 黑黒 薰薫 敎教 悅悦 閒間 郞郎 鄕郷 鄉郷 增増 橫横 緖緒 錄録 曻昇 昻昂
綠緑 羡羨 賴頼 寬寛 晳晰 杦杉 栁柳 桺柳 榘矩 甯寧 絜潔 凬風 勛勲 厓崖 咊和 兊兌 喆哲 罇樽 皜皓 燁曄 愠慍 嵓巌
凞煕 﨔欅 﨟臈 圡土 𡈽土 𠀋丈 𣘺橋 槗橋 㐂喜 桒桑 裵裴 曺曹 彥彦 姸妍 雞鶏 冝宜 匀匂 慠傲 𥔎碕 𨛗那 𦚰脇 𩵋魚
㓛功 㔫左 㟁岸 㸃点 䇳箋 𫝆今 𫝶桜 㭭椛 栬椛 𪧦寛 䑓台 㕝事 夀寿 宫宮 斋斎 泻潟 畵画 秊年 壠壟 甁瓶 槪概 粦燐
吞呑 剝剥 𠮟叱 頰頬 塡填 瘦痩 繫繋 搔掻 摑掴 嚙噛 囊嚢 屛屏 幷并 倂併 麴麹 麵麺 蠟蝋 萊莱 蔣蒋 鷗鴎 焰焔 瀆涜
潑溌 醱醗 醬醤 顚顛 驒騨 軀躯 簞箪 禱祷 鹼鹸 俠侠 俱倶 啞唖 噓嘘 卽即 旣既 曆暦 歷歴 步歩 每毎 淚涙 渴渇 產産
硏研 絕絶 說説 稅税 銳鋭 閱閲 內内 吳呉 吿告 娛娯 戶戸 户戸 戾戻 强強 徵徴 揭掲 擊撃 溫温 狀状 晚晩 虛虚 黃黄
巢巣 尙尚 毗毘 煑煮 猨猿 緣縁 虵蛇 涉渉 脫脱 巿市
"""

# Shapes of the CJK radicals block that Unicode does not map to the character they look like.
_RADICAL_PAIRS = "⺠民 ⻁虎 ⻄西 ⻆角 ⻑長 ⻘青 ⻝食 ⻤鬼 ⻨麦 ⻩黄 ⻫斉 ⻭歯 ⻯竜 ⻲亀 ⼾戸 ⾭青 ⿈黄 ⿊黒"

_KANA_PAIRS = "ゔヴ ゕヵ ゖヶ ㇰク ㇱシ ㇲス ㇳト ㇴヌ ㇵハ ㇶヒ ㇷフ ㇸヘ ㇹホ ㇺム ㇻラ ㇼリ ㇽル ㇾレ ㇿロ"

_SYMBOL_PAIRS = (
    "¥￥ ‾￣ —― –− ‑‐ ‒− ━─ ﹣− ﹘― ⁃‐ ˗− ➖− ･・ ·・ •・ ‧・ ∙・ ⋅・ ⋯… ∼〜 ～〜 ⁄／ ∕／ ∖＼ ￤｜ ＂” ＇’ 〝“ 〟” 〞” "
    "⚪○ ⭕○ ⚫● ✕× ✖× ⊿△ ∑Σ"
)

_WRITTEN_OUT: Mapping[str, str] = {
    "№": "Ｎｏ．",
    "℡": "ＴＥＬ",
    "☎": "ＴＥＬ",
    "☏": "ＴＥＬ",
    "ヷ": "ヴァ",
    "ヸ": "ヴィ",
    "ヹ": "ヴェ",
    "ヺ": "ヴォ",
    "㎡": "平方メートル",
    "㎥": "立方メートル",
    "㏄": "ｃｃ",
    "\u3099": "゛",
    "\u309a": "゜",
}


def _pairs(text: str) -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in text.split()}


KANJI_VARIANTS: Mapping[str, str] = _pairs(_KANJI_PAIRS) | _pairs(_RADICAL_PAIRS)
"""A kanji outside JIS X 0208 → the one written in its place (髙 → 高)."""

SUGGESTIONS: Mapping[str, str] = (
    dict(SQUARED_LEGAL_FORMS) | dict(KANJI_VARIANTS) | _pairs(_KANA_PAIRS) | _pairs(_SYMBOL_PAIRS) | dict(_WRITTEN_OUT)
)
"""A refused character → what to write in its place, in full-width characters."""


def circled_number(char: str) -> str | None:
    """`（１）` for ①, ❶, ⓪, ㉑ and the like (their decomposition, a bare 1, would change what a name says); else None."""
    code = ord(char)
    for first, last, number in _CIRCLED:
        if first <= code <= last:
            return f"（{str(number + code - first).translate(_FULL_DIGITS)}）"
    return None


_FULL_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
_CIRCLED = (
    (0x2460, 0x2473, 1),
    (0x24EA, 0x24EA, 0),
    (0x24EB, 0x24F4, 11),
    (0x24F5, 0x24FE, 1),
    (0x24FF, 0x24FF, 0),
    (0x2776, 0x277F, 1),
    (0x2780, 0x2789, 1),
    (0x278A, 0x2793, 1),
    (0x3251, 0x325F, 21),
    (0x32B1, 0x32BF, 36),
)
"""First and last code point of a run of enclosed numbers, and the first one's number."""
