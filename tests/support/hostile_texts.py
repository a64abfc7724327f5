"""Texts on which tokenizers written twice come apart: fixed ones, and as many random ones as asked for, the same every time."""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

FIXED = (
    "",
    " ",
    " " * 128,
    "\t \n\r\n  x",
    "a" * 150 + " " + "é" * 101,
    "The quick brown fox doesn't jump; they'll've DON'T 'S 'tis I'm I'Ma we're",
    "x = 3.14159e-10 + 1_000_000; // ½ ² ⅷ ٣٤٥ 一二三 ①",
    "👩‍👩‍👧‍👦 👍🏽 🇩🇪 ☺️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "שלום עולם مرحبا بالعالم \u202eevil\u202c \u200f",
    "e\u0301 \u0301 a\u0328\u0301 ﬁ ﷺ İ ı ſ K Å ẞ ΑΣ ΌΔΟΣ",
    "漢字かな交じり文 한국어 각 \u1100\u1161\u11a8 𠀀 ㄱ ｱ Ａ",
    "\x00\x01\x7f\x80\x85\x9f\xa0\xad\u200b\u200c\u200d\u2028\u2029\u202f\u3000\ufeff\ufffd\ufffe\uffff",
    "a\u0085b\u00a0c\u1680d\u2003e\u2028f\u3000g\ufeffh\x1ci\x1fj",
    "[CLS] [MASK] [mask] [UNK][PAD] [SEP]. <|endoftext|><|im_start|>user <|ENDOFTEXT|>",
    "[unused0] ##ing # #ing #### ## [ CLS ]",
    "</script><img src=x onerror=alert(1)> {{ 7 * 7 }} &amp; \\u0041 %00",
    "𝒳𝟗𝔘 Ⅻ ªº ʰ ˆ ` ^ $ + < = > | ~ ¢ © ° § ¶ « » ¿ ‐ — ‘ ’ “ ” … ‹ › ⁂ 。「」",
    "ก็ नमस्ते ক্ষ தமிழ் ខ្មែរ မြန်မာ ⵜⴰ ᏣᎳᎩ ᐃᓄᒃ \U0001e900\U0001e922",
    "\ud800",
    "lone \udfff and \ud83d apart",
    "supercalifragilisticexpialidocious " * 40,
    "\n" * 50 + "end" + " \n" * 20,
    "0123456789" * 20,
    "1 2  3   4\t5\n6 a1b2 1a 12ab",
    "don''t ''s '' 're 'RE ’s ’re",
)
# Blocks in which the rules of tokenizers have their corners: spaces, marks, digits, letters that change their length, ...
CORNERS = (
    " \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u1680\u2000\u200b\u2028\u2029\u202f\u205f\u3000\ufeff\u180e"
    "'sStTmMdDlLrReEvV’0123456789٣½²ⅷ①〇一"
    "áéñüßſİıKÅΣσςΐŉǰẖﬁﬀ\u0301\u0308\u0327\u0345\u05b0\u064b\u0e31\u20dd\u20e3\ufe0f\u200d"
    "$+<=>^`|~#[]()_-–—!?¿。、·•€©™\x00\x7f\xad\u0600\u061c\u070f\u2060\ue000\ufff9\ufffd"
    "漢かカ한\u1100\u1161\u11a8𠀀\U0002f800\uf900👍🏽\U0001f468\U000e0067\U0001d4b3\U00010400\U0001e900"
)


@cache
def hostile_texts(random: int) -> tuple[str, ...]:
    """The fixed texts and `random` made ones, which are the same in every run."""
    anything = st.text(max_size=40)
    corners = st.text(alphabet=CORNERS, max_size=40)
    words = st.lists(st.sampled_from(" the Hello WORLD don't 3rd naïve  [MASK] <|im_end|> ##s aaaa zzz".split(" ")), max_size=12)
    mixed = st.lists(st.one_of(st.text(max_size=8), st.text(alphabet=CORNERS, max_size=12), words.map(" ".join)), max_size=6)
    made: list[str] = []

    @settings(
        max_examples=random,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(anything, corners, mixed.map("".join), st.text(alphabet=st.characters(categories=["Cn", "Co", "Cc", "Cf", "M", "N"]))))
    def collect(text: str) -> None:
        made.append(text)

    collect()
    return (*FIXED, *made)
