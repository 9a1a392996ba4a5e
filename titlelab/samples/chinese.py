"""The Chinese sample catalog: yuan, centimetres and at most thirty characters."""

from random import Random

from titlelab.samples.chinese_goods import KEPT
from titlelab.samples.chinese_new_goods import NEW
from titlelab.samples.chinese_wording import NOISE, TAGS, TRAITS
from titlelab.samples.material import Language, Spoilt

CHANNEL_LIMIT_BYTES = 60  # of GBK, as the channel counts: a Chinese character is two


def _gbk_bytes(text: str) -> int:
    return len(text.encode("gbk"))


def _polished(text: str) -> str:
    return text.replace("。。", "。")


def _untidy(column: str, raw: str, rng: Random) -> str:
    """Write a value as careless sellers do."""
    return rng.choice((f"【{raw}】", f"{column}：{raw}", f"{raw}（见图）"))


def _price(price: float) -> float:
    return int(price) + 0.9


def _shouted(spoilt: Spoilt, rng: Random) -> str:
    return f"【{rng.choice(('特价清仓', '厂家直销', '爆款'))}】{spoilt.kind}！！！包邮"


def _advertised(spoilt: Spoilt, rng: Random) -> str:
    return f"{rng.choice(('新品!!', '秒杀!!'))}全网最低价{spoilt.kind}买一送一"


def _numbered(spoilt: Spoilt, _: Random) -> str:
    return f"{spoilt.sku}{spoilt.brand}"


def _cut(spoilt: Spoilt, _: Random) -> str:
    return spoilt.good[:5]


def _shelved(spoilt: Spoilt, _: Random) -> str:
    return spoilt.shelf


def _jumbled(spoilt: Spoilt, _: Random) -> str:
    kind = spoilt.kind
    return f"{kind}{spoilt.shelf}{kind}{spoilt.brand}{kind}"


def _overlong(spoilt: Spoilt, rng: Random) -> str:
    spam = ["网红同款", "爆款", "热卖", "厂家直销", "送女友", "送男友", "高颜值", "大牌平替", "限时抢购"]
    rng.shuffle(spam)
    return f"{spoilt.good}{''.join(spam)}{spoilt.kind}"


CHINESE = Language(
    code="zh",
    library="示例标签（中文）",
    currency="CNY",
    joiner="",
    seed=31063,
    size=len,
    title_size=_gbk_bytes,
    title_limit=CHANNEL_LIMIT_BYTES,
    description_sizes=(55, 170),
    polished=_polished,
    untidy=_untidy,
    listing=lambda column, prose: f"{column}：{prose}。",
    price=_price,
    noise=NOISE,
    traits=TRAITS,
    tags=TAGS,
    categories=KEPT + NEW,
    poor_titles=(_shouted, _advertised, _numbered, _cut, _shelved, _jumbled, _overlong),
)
