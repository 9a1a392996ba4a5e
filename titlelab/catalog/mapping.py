"""Which column of a file tells which field: the guess, what is wrong with a choice, and a row seen through it.

A mapping takes each column's name to a target: a field, "attr:NAME" for an attribute, or "" to leave the column out.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from titlelab.catalog.rows import ATTRIBUTE, FIELDS, Cells, Refused

Targets = Mapping[str, str]

# How shops name them, best first, compared without case, spaces and marks. Sources: the export formats of Shopify,
# WooCommerce, Magento, Amazon's listing reports, Google's product feed, Taobao, JD and 1688.
_NAMES = {
    "sku": """sku variantsku itemsku sellersku productsku skucode skuid 商家编码 货号 商品编码 商品货号 款号 itemno
        itemnumber articlenumber artikelnummer mpn partnumber productid itemid 商品id 宝贝id id
        handle ean gtin barcode asin upc""",
    "title": "title productname producttitle itemname name 商品标题 宝贝标题 商品名称 标题 产品名称 品名 名称",
    "description": """description bodyhtml body productdescription longdescription itemdescription beschreibung
        商品描述 宝贝描述 产品描述 描述 详情 商品详情 shortdescription""",
    "brand": "brand brandname vendor manufacturer marke 品牌 品牌名称",
    "category": """category productcategory googleproductcategory categorypath producttype categories type kategorie
        类目 商品类目 分类 商品分类 宝贝类目 类别""",
    "attributes": "attributes specifications specs features 属性 商品属性 宝贝属性 规格参数",
    "image_url": """imageurl imagelink imagesrc image mainimage mainimageurl images picture
        图片 主图 商品图片 图片链接""",
    "price": """price variantprice regularprice saleprice sellingprice listprice preis
        价格 售价 单价 销售价 宝贝价格 一口价""",
    "currency": "currency currencycode waehrung währung 币种 货币",
}
# Columns that describe the product itself; what else a shop tells (stock, weights of parcels, dates) stays out.
_ATTRIBUTES = """
    color colour farbe size grösse material fabric pattern style gender season capacity volume length width height
    weight power voltage wattage flavour flavor scent shape finish fit neckline sleevelength heelheight closure
    packsize quantityperpack packcount model modelnumber compatibility origin countryoforigin agegroup ingredients
    颜色 尺码 尺寸 规格 材质 面料 风格 图案 容量 重量 长度 宽度 高度
    功率 电压 型号 适用季节 季节 产地 口味 香味 款式 版型
"""
_RANKS = {name: (field, rank) for field, names in _NAMES.items() for rank, name in enumerate(names.split())}
_IS_ATTRIBUTE = frozenset(_ATTRIBUTES.split())


def guessed(columns: Sequence[str]) -> dict[str, str]:
    """Return a target for each column: the best name of each field wins, and a known attribute is one."""
    targets = {column: _own_target(column) for column in columns}
    taken = set(targets.values())
    best: dict[str, tuple[int, str]] = {}
    for column in columns:
        field, rank = _RANKS.get(_plain(column), ("", 0))
        if field and not targets[column] and field not in taken:
            best[field] = min(best.get(field, (rank, column)), (rank, column), key=lambda found: found[0])
    targets.update({column: field for field, (_, column) in best.items()})
    for column in columns:
        if not targets[column] and _plain(column) in _IS_ATTRIBUTE:
            targets[column] = ATTRIBUTE + column
    return targets


def flaws(targets: Targets, *, are_optional: bool = False) -> list[str]:
    """Say what a mapping lacks or has twice; [] for one that works.

    are_optional: each row names its own columns, as in JSON Lines, so that two for one field may never meet.
    """
    chosen = [target for target in targets.values() if target]
    found = [] if "sku" in chosen else ["No column tells the sku: choose the one that names a product once."]
    for field in FIELDS:
        named = [column for column, target in targets.items() if target == field]
        if len(named) > 1 and field not in _JOINED and not are_optional:
            found.append(f"The columns {_listed(named)} both tell the {field}: choose one.")
    unknown = [
        t for t in chosen if t not in FIELDS and not (t.startswith(ATTRIBUTE) and t.removeprefix(ATTRIBUTE).strip())
    ]
    return [*found, *(f"{target!r} is no field." for target in unknown)]


def seen_through(targets: Targets, cells: Cells) -> Cells:
    """Return a row's cells by field; a column without a target tells what its own name says, if that is a field.

    Raises Refused where two columns tell a field that takes one.
    """
    seen: dict[str, object] = {}
    for column, cell in cells.items():
        target = targets[column] if column in targets else _own_target(column)
        if not target:
            continue
        if target not in seen:
            seen[target] = cell
        elif _is_told(cell) and _is_told(seen[target]):
            seen[target] = _both(target, seen[target], cell)
        elif _is_told(cell):
            seen[target] = cell
    return seen


def _both(target: str, first: object, second: object) -> object:
    join = _JOINED.get(ATTRIBUTE if target.startswith(ATTRIBUTE) else target)
    if join is None:
        raise Refused(target, "is told by two columns")
    return join(first, second)


def _is_told(cell: object) -> bool:
    return cell is not None and cell not in ("", [], {})


def _own_target(column: str) -> str:
    """Return what the column's name says by itself; letter case tells apart attributes alone."""
    name = column.strip()
    if name.lower().startswith(ATTRIBUTE):
        return ATTRIBUTE + name[len(ATTRIBUTE) :].strip() if name[len(ATTRIBUTE) :].strip() else ""
    return name.lower() if name.lower() in FIELDS else ""


def _plain(column: str) -> str:
    return re.sub(r"[\W_]", "", column).lower()


def _listed(columns: Iterable[str]) -> str:
    """Return the names for a person: a file of another kind may have anything in its first line."""
    return "".join(c if c.isprintable() else "?" for c in ", ".join(columns)[:300])


def _many(cell: object) -> list[object]:
    return cell if isinstance(cell, list) else [cell]


# Fields that several columns may tell: levels of a category, a short and a long description, a first image and more.
_JOINED: dict[str, Callable[[object, object], object]] = {
    "category": lambda first, second: [*_levels(first), *_levels(second)],
    "description": lambda first, second: f"{first}\n{second}",
    ATTRIBUTE: lambda first, second: [*_many(first), *_many(second)],
    "image_url": lambda first, _: first,
}


def _levels(cell: object) -> list[object]:
    return cell if isinstance(cell, list) else [part for part in re.split("[>＞]", str(cell)) if part.strip()]
