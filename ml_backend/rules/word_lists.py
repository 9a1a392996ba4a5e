"""Small lists of colours, materials, sizes and claims, in families: a shade supports its hue and the reverse."""

from ml_backend.rules.text import word_set

Families = tuple[tuple[str, ...], ...]


def _families(lines: str) -> Families:
    return tuple(tuple(w.strip() for w in line.split(",")) for line in lines.strip().splitlines())


# Words that mean other things as often (sand, foil, wine) are left out: quiet beats complete.
COLOURS = _families("""
black, jet black, ebony, onyx, dark colors, 黑色, 黑, 墨色, 曜石黑
white, off white, off-white, ivory, cream, creamy, 白色, 白, 米白, 象牙白, 奶白, 米色
grey, gray, charcoal, slate, silver, graphite, gunmetal, 灰色, 灰, 银色, 银, 银灰, 浅灰, 深灰
red, crimson, scarlet, burgundy, maroon, wine red, coral, rust, 红色, 红, 酒红, 枣红
pink, blush, fuchsia, magenta, peach, rose, rose gold, 粉色, 粉红, 粉, 玫红
blue, navy, navy blue, azure, cobalt, indigo, sky blue, denim blue, cyan, 蓝色, 蓝, 藏青, 藏蓝, 靛蓝, 天青, 浅蓝, 深蓝
green, olive, emerald, moss green, forest green, pine green, sage green, khaki green, mint, lime, \
绿色, 绿, 墨绿, 军绿, 浅绿
teal, turquoise, aqua, sea green, 青色, 湖蓝, 孔雀蓝
blue, green, teal, turquoise, aqua
yellow, mustard, lemon yellow, sunflower, 黄色, 黄, 姜黄, 鹅黄
orange, rust, coral, peach, tangerine, 橙色, 橘色, 橙, 橘
gold, golden, rose gold, gold-coloured, gold-toned, 金色, 金, 香槟金
purple, violet, lavender, lilac, plum, mauve, magenta, 紫色, 紫
brown, chocolate brown, chestnut, tan, camel, walnut brown, walnut, coffee brown, bronze, copper, \
棕色, 棕, 咖啡色, 咖色, 褐色, 驼色, 焦糖色
beige, taupe, sand, khaki, oatmeal, cream, nude, natural, 卡其, 米色, 杏色, 燕麦色, 裸色
""")
MATERIALS = _families("""
stainless steel, steel, stainless, inox, metal, 不锈钢, 304, 316, sus304, sus316, 18/8, 18/10, 金属, 钢
cast iron, iron, metal, 铸铁, 铁, 金属
aluminum, aluminium, alloy, metal, 铝合金, 铝, 合金, 金属
brass, bronze, copper, metal, 黄铜, 铜, 金属
titanium, metal, 钛, 金属
gold, gold-plated, gold plated, 黄金, 镀金, 18k金
silver, sterling silver, 纯银, 925银, 银
platinum, 铂金
cotton, canvas, denim, muslin, poplin, percale, polycotton, khadi, 纯棉, 全棉, 棉
linen, flax, 亚麻, 麻
jute, hemp, 黄麻
wool, merino, cashmere, lambswool, woollen, woolen, 羊毛, 羊绒
silk, satin, 真丝, 桑蚕丝, 蚕丝, 缎
velvet, velour, 丝绒, 天鹅绒
chiffon, georgette, 雪纺
viscose, rayon, modal, 粘纤, 莫代尔
leather, suede, nubuck, cowhide, 真皮, 牛皮, 皮革, 皮
pu leather, pu, faux leather, synthetic leather, vegan leather, leatherette, pu皮, 皮革, 人造革, 仿皮, 皮
polyester, fleece, microfiber, microfibre, polycotton, 聚酯纤维, 涤纶, 法兰绒
nylon, polyamide, ripstop, 尼龙, 锦纶
mesh, 网面, 网布
ceramic, porcelain, stoneware, bone china, 陶瓷, 瓷, 骨瓷
terracotta, earthenware, clay, 陶土
glass, borosilicate, 玻璃
marble, granite, stone, 岩板, 大理石
bamboo, 竹
oak, wood, wooden, 橡木, 实木, 木
pine, wood, wooden, 松木, 实木, 木
walnut, wood, wooden, 胡桃木, 实木, 木
beech, wood, wooden, 榉木, 实木, 木
spruce, wood, wooden, 云杉木, 实木, 木
mahogany, wood, wooden, 桃花心木, 实木, 木
teak, sheesham, rosewood, ebony, wood, wooden, 柚木, 红木, 实木, 木
mdf, engineered wood, plywood, particle board, wood, wooden, 密度板, 木
rattan, wicker, 藤
plastic, polypropylene, polycarbonate, polyethylene, abs, pvc, tritan, ppsu, acrylic, 塑料, 聚丙烯, pp, pc, 亚克力
pvc, vinyl
tpe
nbr
neoprene
rubber, latex, 橡胶, 乳胶
silicone, 硅胶
carbon fiber, carbon fibre, 碳纤维
fiberglass, fibreglass, 玻璃纤维
down, duck down, 鸭绒
down, goose down, 鹅绒
""")
SIZES = _families("""
xl, extra large, x-large, 加大
xxl, 2xl, xx-large, 特大
xxxl, 3xl
xs, extra small, x-small
s, small, 小号
m, medium, 中号
l, large, 大号
king size, king-size, king
queen size, queen-size, queen
均码, free size, one size
aa
aaa
""")
CLAIMS = _families("""
waterproof, water-proof, water resistant, water-resistant, water resistance, 防水, 防雨, 防暴雨
wireless, cordless, bluetooth, wi-fi, wifi, 无线, 蓝牙
rechargeable
organic, 有机
handmade, hand-made, handcrafted, hand-woven, hand woven, hand knotted, 纯手工
vegan
gluten-free, gluten free, 无麸质
sugar-free, sugar free, no sugar, unsweetened, 无糖, 零糖, 0糖
hypoallergenic, 防过敏
non-stick, nonstick, non stick, 不粘
imported, 进口
bpa-free, bpa free
flame retardant, fireproof, 阻燃
""")
# Told and supporting, but no fact in a title: they say as often how big, clear or plain a thing is.
QUIET = word_set(
    "metal alloy down natural clear small medium large s m l pp pc abs cream sand canvas denim fleece clay "
    "stone latex rose iron rust lime plum peach mint slate coral 304 316 18/8 18/10 皮革 大理石 金属 合金 黄金"
)
# Colours only beside a column of colours: orange juice, a gold ring, a silver medal, walnut oil.
DOUBTFUL = word_set("orange gold golden silver bronze copper walnut lavender mustard olive ebony chestnut")
# A product in many colours: whichever the title names may be right.
MANY_COLOURS = ("multi", "assorted", "various", "mixed", "多色", "混色", "彩色", "其他", "other")
# Standards are no brand or model, and stand in titles whose prose only describes them: "a port to charge from".
STANDARDS = word_set(
    "usb led lcd oled ips hdmi vga dvi sata ssd hdd ram rom gps nfc rgb diy uv spf pvc pu abs pp pc tpu tpe eva pe "
    "mdf pet ac dc tv dvd cd ktv suv ph ok xs xl xxl 3d 2d mp3 mp4 ins oversize polo logo vintage chic bf vip cp pro "
    "plus max mini ultra lite new hot style q 2in1 3in1 2-in-1 3-in-1 y2k eu us uk"
)
