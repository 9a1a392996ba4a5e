"""Small lists of colours, materials and sizes, in families: a shade supports its hue and the other way round."""

Families = tuple[tuple[str, ...], ...]


def _families(lines: str) -> Families:
    return tuple(tuple(w.strip() for w in line.split(",")) for line in lines.strip().splitlines())


# Words that mean other things as often (orange juice, rose, gold foil, sand) are left out: quiet beats complete.
COLOURS = _families("""
black, jet black, ebony, onyx, dark colors, 黑色, 黑, 墨色
white, off white, off-white, ivory, cream, creamy, 白色, 白, 米白, 象牙白, 奶白, 米色
grey, gray, charcoal, slate, silver, graphite, 灰色, 灰, 银色, 银
red, crimson, scarlet, burgundy, maroon, wine red, coral, 红色, 红, 酒红, 枣红
pink, blush, fuchsia, magenta, 粉色, 粉红, 粉
blue, navy, navy blue, azure, cobalt, indigo, sky blue, denim blue, 蓝色, 蓝, 藏青, 藏蓝, 靛蓝, 天青
green, olive, emerald, moss green, forest green, pine green, sage green, khaki green, 绿色, 绿, 墨绿, 军绿
teal, turquoise, aqua, 青色, 湖蓝, 孔雀蓝
yellow, mustard, lemon yellow, sunflower, 黄色, 黄, 姜黄, 鹅黄
purple, violet, lavender, lilac, plum, 紫色, 紫
brown, chocolate brown, chestnut, tan, camel, walnut brown, 棕色, 棕, 咖啡色, 咖色, 褐色, 驼色
beige, taupe, sand, khaki, oatmeal, 卡其, 米色, 杏色, 燕麦色
""")
MATERIALS = _families("""
stainless steel, steel, stainless, inox, 不锈钢, 304, 316, sus304, sus316, 18/8, 18/10
cast iron, iron, 铸铁, 铁
aluminum, aluminium, alloy, 铝合金, 铝, 合金
cotton, canvas, denim, muslin, poplin, percale, 纯棉, 全棉, 棉
linen, flax, 亚麻, 麻
wool, merino, cashmere, lambswool, 羊毛, 羊绒
silk, satin, 真丝, 桑蚕丝, 蚕丝, 缎
leather, suede, nubuck, cowhide, 真皮, 牛皮, 皮革, 皮
polyester, fleece, microfiber, microfibre, 聚酯纤维, 涤纶
nylon, polyamide, ripstop, 尼龙, 锦纶
ceramic, porcelain, stoneware, earthenware, bone china, 陶瓷, 瓷, 骨瓷
glass, borosilicate, 玻璃
bamboo, 竹
plastic, polypropylene, abs, tritan, 塑料, 聚丙烯, pp
silicone, 硅胶
""")
SIZES = _families("""
extra large, x-large, xl, xxl, 2xl, xxxl, 3xl, 加大, 特大
extra small, x-small, xs
king size, king-size, king
queen size, queen-size, queen
大号
中号
小号
均码
""")
# Standards are no brand or model, and stand in titles whose prose only describes them: "a port to charge from".
STANDARDS = frozenset("usb led lcd diy uv spf pvc pu".split())  # noqa: SIM905 - a list of words reads better
