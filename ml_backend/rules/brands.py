"""Brands: whose a Brief is, and which others a title names.

In Latin script capitals tell them, in Chinese characters that make no word of the dictionary.
"""

import re
from functools import lru_cache

import rjieba

from ml_backend.rules.text import HAN, is_han, word_set

_NO_BRAND = word_set(
    "other others generic unbranded no_brand nobrand none null na n/a 其他 其它 其他品牌 其它品牌 无品牌 无 国产"
)
# Names that language models and other sellers' titles bring in. Left out: what is a common word as well (Apple, Dove,
# Target; 美的, 联想); 小米 and 苹果 are foods unless an appliance follows.
_KNOWN = re.compile(
    r"\b(?:samsung|sony|huawei|xiaomi|lenovo|philips|panasonic|bosch|makita|dewalt|nike|adidas|puma|reebok|ikea|lego|"
    r"logitech|canon|nikon|epson|brother|hp|dell|asus|acer|intel|nvidia|nokia|motorola|oneplus|oppo|vivo|jbl|bose|"
    r"gillette|nestle|loreal|l'oreal|nivea|iphone|ipad|macbook|airpods|playstation|xbox|nintendo|garmin|fitbit|gopro|"
    r"levi's|tupperware|pampers|huggies|duracell|energizer)\b"
    r"|华为|三星|索尼|耐克|阿迪达斯|飞利浦|松下|海尔|格力|荣耀|魅族|博世|宜家|欧莱雅|兰蔻|雅诗兰黛|戴森|优衣库|特步|匹克|"
    r"苏泊尔|九阳|小熊电器|公牛|南极人|恒源祥|三只松鼠|良品铺子|蒙牛|伊利|茅台|五粮液"
    r"|苹果(?=手机|数据线|充电|耳机|平板|电脑|手表|i|\d{1,2}(?:手机|[psm-]))|小米(?=手机|电视|扫地|充电|耳机|手环|手表|平板|音箱|路由|空气|\d{1,2}(?:手机|[psu]))",
    re.IGNORECASE,
)
_BY = re.compile(r"\b(?:by|from)\s+([A-Z][\w'’-]+)")
# One maker in two scripts: a Brief that has either name supports the other.
_SAME = (
    ("小米", "xiaomi", "miui", "redmi", "红米"), ("华为", "huawei"), ("苹果", "apple", "iphone", "ipad"),
    ("三星", "samsung"), ("索尼", "sony"), ("飞利浦", "philips"), ("松下", "panasonic"), ("博世", "bosch"),
    ("耐克", "nike"), ("阿迪达斯", "adidas"), ("宜家", "ikea"), ("联想", "lenovo"), ("佳能", "canon"),
)  # fmt: skip
_PARTS = re.compile(r"[/()（）|]+")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’&.-]*")
# What titles without a brand begin with; further words are told by the source or by the other lists.
_OPENERS = word_set("""
a an the new classic premium original genuine pure natural fresh soft large small mini big long short high low
heavy light lightweight ultra super smart digital electric electronic portable professional modern vintage luxury
elegant beautiful stylish casual formal printed solid striped plain full half one two three four five six eight ten
twelve single double twin triple pair pack set multi pro kids kid baby men women unisex boys girls adult ladies
gents polarized polarised reusable disposable foldable folding adjustable automatic universal replacement
compatible indoor outdoor travel home kitchen office garden bathroom bedroom winter summer spring autumn fall
""")
_JOINTS = frozenset(["the", "and", "&"])
_LONGEST_NAME = 4  # Han characters; brands made of rare words have two or three
# Single characters that stand before common words: what they begin is no name.
_COMMON_SINGLES = frozenset(
    "的新大小男女超加秋冬春夏纯真多长短高低中老白黑红蓝绿黄粉灰紫棕金银双单三四两一二五六七八九十百千半全无防可不免电手车"
    "床水茶酒糖米面油肉鱼鸡鸭牛羊猪狗猫花鞋衣裤裙帽包袋杯碗盘锅刀灯扇桌椅柜门窗笔本书纸布棉麻皮木竹铁钢铜玻瓷硅家户外内上"
    "下前后左右厚薄宽窄圆方轻重软硬快慢冷热温凉干湿早晚日月年天夜风款版装件套条只个支瓶盒片对与和及或为给用带送买好美潮港韩日"
    "法英美欧泰德仿微网速自原正特厂现"
)


@lru_cache(maxsize=1024)
def aliases(brand: str) -> tuple[str, ...]:
    """Return a brand's names: 小米 and MIUI of "MIUI/小米"; none for "other/其他"."""
    names = (part.strip() for part in _PARTS.split(brand))
    return tuple(name for name in names if name and name.lower().replace(" ", "_") not in _NO_BRAND)


def named_brands(title: str) -> list[str]:
    """Return the well-known brands that a title names, and the makers it gives with "by"."""
    return [match[0] for match in _KNOWN.finditer(title)] + _BY.findall(title)


def synonyms(name: str) -> tuple[str, ...]:
    """Return a brand's names in both scripts, as far as they are well known, in lower case."""
    return next((names for names in _SAME if name.lower() in names), (name.lower(),))


def leading_name(title: str, brands: tuple[str, ...]) -> str:
    """Return what stands like a brand at the front of a title that has none of `brands`, "" if that is a common word.

    In Latin script any word that is not a usual opener, after those that the brands share (Green Garage for Green
    Terrain); in Chinese a run of characters that make no word of the dictionary (禾沐, 澜森).
    """
    if not is_han(title[:_LONGEST_NAME]):
        return _first_strange_word(title, [frozenset(brand.lower().split()) - _JOINTS for brand in brands])
    head = re.match(rf"[{HAN}]+", title)
    return _rare_run(head[0]) if head else ""


def _first_strange_word(title: str, brands: list[frozenset[str]]) -> str:
    words = _LATIN_WORD.findall(title) if _LATIN_WORD.match(title) else []
    if any(brand <= {word.lower() for word in words} for brand in brands):
        return ""
    shared = _JOINTS.union(*brands)
    first = next((word for word in words if word.lower() not in shared), "")
    return "" if _stem(first) in _OPENERS else first


def _stem(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.lower())


def _rare_run(han: str) -> str:
    run = ""
    for word in rjieba.cut(han[: 2 * _LONGEST_NAME], hmm=False):
        if len(word) > 1 or word in _COMMON_SINGLES or len(run) == _LONGEST_NAME:
            break
        run += word
    return run if len(run) > 1 else ""
