"""The channels TitleLab knows from the start: what each publishes about titles, with date and source. Data only.

A later policy replaces an earlier one from its day on. Where a channel does not date a rule, it holds from EVER.
Banned words are promotional phrases that the sources name or describe; an admin adds the shop's own.
"""

import datetime as dt
from dataclasses import dataclass

from ml_backend.contract import LengthUnit

EVER = dt.date(2000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInPolicy:
    """One dated policy; fields as in titlelab.channels.models.ChannelPolicy."""

    valid_from: dt.date
    max_length: int
    length_unit: LengthUnit = "characters"
    banned_words: tuple[str, ...] = ()
    banned_characters: str = ""
    max_repeats: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInChannel:
    """A channel and its policies, the earliest first."""

    key: str
    name: str
    policies: tuple[BuiltInPolicy, ...]


PROMOTIONS = (
    "free shipping",
    "free delivery",
    "free gift",
    "buy now",
    "on sale",
    "best price",
    "lowest price",
    "limited time",
    "money back",
)
PROMOTIONS_ZH = ("包邮", "免运费", "限时", "特价", "促销", "打折")
# Absolute claims that article 9(3) of China's Advertising Law forbids, as the trade reads it. 最 alone would also
# catch honest words such as 最大承重 (maximum load), so the claims are told in full.
ABSOLUTES_ZH = (
    "国家级", "世界级", "最高级", "最佳", "最好", "最优", "最低价", "最便宜", "最先进", "最新科技",
    "第一", "唯一", "首选", "顶级", "极品", "绝对", "万能", "史上最", "全网最", "销量冠军",
)  # fmt: skip
AMAZON_PHRASES = (*PROMOTIONS, "100% quality guaranteed", "best seller", "hot item", *PROMOTIONS_ZH)
AMAZON_SOURCE = "https://sellercentral.amazon.com/help/hub/reference/external/GYTR6SYGFA5E3EQC"

CHANNELS = (
    BuiltInChannel(
        key="amazon",
        name="Amazon",
        policies=(
            BuiltInPolicy(valid_from=EVER, max_length=200, banned_words=AMAZON_PHRASES, source=AMAZON_SOURCE),
            # Since this day: nine forbidden characters, and no word more than twice.
            BuiltInPolicy(
                valid_from=dt.date(2025, 1, 21),
                max_length=200,
                banned_words=AMAZON_PHRASES,
                banned_characters="!$?_{}^¬¦",
                max_repeats=2,
                source=AMAZON_SOURCE,
            ),
            # Since this day titles are short, and the rest goes into the item highlights.
            BuiltInPolicy(
                valid_from=dt.date(2026, 7, 27),
                max_length=75,
                banned_words=AMAZON_PHRASES,
                banned_characters="!$?_{}^¬¦",
                max_repeats=2,
                source=AMAZON_SOURCE,
            ),
        ),
    ),
    BuiltInChannel(
        key="google",
        name="Google Merchant Center",
        policies=(
            BuiltInPolicy(
                valid_from=EVER,
                max_length=150,
                banned_words=(*PROMOTIONS, *PROMOTIONS_ZH),
                banned_characters="!★☆♥✓✔",
                source="https://support.google.com/merchants/answer/6324415",
            ),
        ),
    ),
    BuiltInChannel(
        key="ebay",
        name="eBay",
        policies=(
            BuiltInPolicy(
                valid_from=EVER,
                max_length=80,
                banned_words=(*PROMOTIONS, "l@@k", "wow", "must see"),
                banned_characters="!*★☆♥",
                source="https://www.ebay.com/help/selling/listings/creating-managing-listings/"
                "creating-effective-listings?id=4147",
            ),
        ),
    ),
    BuiltInChannel(
        key="taobao",
        name="淘宝 Taobao",
        policies=(
            BuiltInPolicy(
                valid_from=EVER,
                max_length=60,
                length_unit="gbk_bytes",
                banned_words=(*ABSOLUTES_ZH, *PROMOTIONS_ZH),
                banned_characters="★☆♥❤！!",
                source="https://rule.taobao.com; 中华人民共和国广告法 第九条 (Advertising Law, article 9)",
            ),
        ),
    ),
    BuiltInChannel(key="custom", name="Custom", policies=(BuiltInPolicy(valid_from=EVER, max_length=200),)),
)
