"""The channels TitleLab knows from the start: what each publishes about titles, with date and source. Data only.

A later policy replaces an earlier one from its day on. Where a channel does not date a rule, it holds from EVER.
The lists of phrases that the sources name or describe serve several channels; an admin edits them and adds the shop's
own.
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
    bans_shouting: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInPhrases:
    """A list of phrases for several channels; fields as in titlelab.channels.models.PhraseList."""

    key: str
    name: str
    channels: tuple[str, ...]
    phrases: tuple[str, ...]
    exceptions: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInChannel:
    """A channel and its policies, the earliest first."""

    key: str
    name: str
    policies: tuple[BuiltInPolicy, ...]


# Absolute claims that article 9(3) of China's Advertising Law forbids, as the trade reads it: 最 by itself, and what is
# honest of it told one by one.
ABSOLUTES_ZH = BuiltInPhrases(
    key="absolutes-zh",
    name="Absolute claims, Chinese 绝对化用语",
    channels=("taobao",),
    phrases=(
        "国家级", "世界级", "宇宙级", "最高级", "最", "史上最", "全网最", "第一", "全国第一", "销量第一", "全网第一",
        "NO.1", "唯一", "独一无二", "首选", "顶级", "顶尖", "极品", "极致", "绝对", "万能", "销量冠军", "全网首发",
        "史无前例", "100%有效",
    ),
    exceptions=(
        "最大承重", "最大载重", "最大负荷", "最大容量", "最大功率", "最大输出", "最大直径", "最大尺寸", "最大行程",
        "最大噪音", "最大转速", "最大光圈", "最大支持", "最大速度", "最大距离", "最大压力", "最大扭矩", "最大电流",
        "最大分辨率", "最小容量", "最小尺寸", "最小直径", "最小坑距", "最高温度", "最高水温", "最高转速", "最高功率",
        "最高主频", "最高支持", "最高速度", "最低温度", "最低转速", "最长续航", "最长待机", "最多支持", "最多可",
        "最后", "第一次", "第一代", "第一步", "第一层", "第一格", "第一章", "第一季", "第一册", "第一辑", "第一卷",
        "第一课", "第一页", "第一天", "第一年", "第一阶段", "第一人称", "第一视角", "第一口", "万能胶", "万能充",
        "万能表", "万能遥控", "万能钥匙", "万能转换", "万能插", "万能轮", "绝对值", "绝对湿度", "绝对压力",
    ),
    source="中华人民共和国广告法 第九条 (Advertising Law, article 9)",
)  # fmt: skip
PROMOTIONS = BuiltInPhrases(
    key="promotions-en",
    name="Promotional claims, English",
    channels=("amazon", "google", "ebay"),
    phrases=(
        "free shipping", "free delivery", "free gift", "free returns", "buy now", "order now", "shop now", "on sale",
        "for sale", "hot sale", "flash sale", "clearance sale", "best price", "lowest price", "best deal",
        "great deal", "special offer", "limited offer", "limited time", "limited stock", "money back",
        "satisfaction guaranteed", "{n}% off", "{n} percent off", "save {n}%", "buy {n} get {n}", "buy one get one",
        "cash on delivery", "click here", "add to cart", "while supplies last", "must have", "must buy",
    ),
    exceptions=("for sale sign", "for sale board"),
    source="https://support.google.com/merchants/answer/6324415",
)  # fmt: skip
PROMOTIONS_ZH = BuiltInPhrases(
    key="promotions-zh",
    name="Promotional claims, Chinese 促销用语",
    channels=("amazon", "google", "taobao"),
    phrases=(
        "包邮", "免邮", "免运费", "限时", "特价", "促销", "打折", "秒杀", "清仓", "甩卖", "抢购", "大促", "亏本",
        "跳楼价", "骨折价", "买{n}送{n}", "满{n}减{n}", "立减{n}", "假一赔{n}", "假一罚{n}", "全场{n}折", "好评返现",
        "领券", "拍下立减",
    ),
    exceptions=("独特价值", "奇特价值", "限时器", "打折叠", "可打折刀"),
    source="https://rule.taobao.com",
)  # fmt: skip
PHRASES = (ABSOLUTES_ZH, PROMOTIONS, PROMOTIONS_ZH)

AMAZON_PHRASES = ("100% quality guaranteed", "best seller", "hot item")
AMAZON_SOURCE = "https://sellercentral.amazon.com/help/hub/reference/external/GYTR6SYGFA5E3EQC"

CHANNELS = (
    BuiltInChannel(
        key="amazon",
        name="Amazon",
        policies=(
            BuiltInPolicy(
                valid_from=EVER,
                max_length=200,
                banned_words=AMAZON_PHRASES,
                bans_shouting=True,
                source=AMAZON_SOURCE,
            ),
            # Since this day: nine forbidden characters, and no word more than twice.
            BuiltInPolicy(
                valid_from=dt.date(2025, 1, 21),
                max_length=200,
                banned_words=AMAZON_PHRASES,
                banned_characters="!$?_{}^¬¦",
                max_repeats=2,
                bans_shouting=True,
                source=AMAZON_SOURCE,
            ),
            # Since this day titles are short, and the rest goes into the item highlights.
            BuiltInPolicy(
                valid_from=dt.date(2026, 7, 27),
                max_length=75,
                banned_words=AMAZON_PHRASES,
                banned_characters="!$?_{}^¬¦",
                max_repeats=2,
                bans_shouting=True,
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
                banned_characters="!★☆♥✓✔",
                bans_shouting=True,
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
                banned_words=("l@@k", "wow", "must see"),
                banned_characters="!*★☆♥",
                bans_shouting=True,
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
                banned_characters="★☆♥❤！!",
                source="https://rule.taobao.com",
            ),
        ),
    ),
    BuiltInChannel(key="custom", name="Custom", policies=(BuiltInPolicy(valid_from=EVER, max_length=200),)),
)
