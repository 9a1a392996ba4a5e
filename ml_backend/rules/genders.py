"""For whom a product is, as titles and Briefs say it: men, women, boys, girls, children or everybody."""

import re

MEN, WOMEN, BOYS, GIRLS, CHILDREN, ALL = "men", "women", "boys", "girls", "children", "all"

_WORDS = re.compile(
    r"(?P<all>\b(?:unisex|couples?)\b|男女|女男|情侣)"
    r"|(?P<boys>\bboy(?:'?s'?)?\b|男童|男孩|男宝)"
    r"|(?P<girls>\bgirl(?:'?s'?)?\b|女童|女孩|女宝)"
    r"|(?P<women>\b(?:wom[ae]n(?:'?s)?|lad(?:y|ies)(?:'s?)?)(?![\w-])|女(?![友婿])(?:[士生性款人子]|))"
    r"|(?P<men>(?<!-)\b(?:men(?:'?s)?|mens|gents|gentlem[ae]n)(?![\w-])|(?<!美)男(?![友])(?:[士生性款人子]|))"
    r"|(?P<children>\b(?:kids?|child|children|toddlers?|juniors?|baby|babies|infants?)(?:'s?)?\b|儿童|宝宝|婴儿|小孩)",
    re.IGNORECASE,
)
# "Male" is a plug's side as often; only beside a name of this kind is it a person. 通用 and "all" likewise.
_COLUMN = re.compile(
    r"^(?:gender|sex|ideal[ _]for|target[ _](?:gender|audience)|适用性别|性别|适用对象|适用人群)$", re.IGNORECASE
)
_IN_COLUMN = re.compile(r"(?P<women>\bfemale\b)|(?P<men>\bmale\b)|(?P<all>\ball\b|通用|不限|中性)", re.IGNORECASE)
_OF_WOMEN = re.compile(
    r"裙|旗袍|文胸|胸罩|高跟|孕妇|妈妈|淑女|口红|睫毛|蕾丝|打底衫|\b(?:bras?|sarees?|lehengas?|kurtis?|skirts?|gowns?|lingerie)\b"
)
# What a Brief must name for a title to say it; ages need no more than a child of either sex.
_SUPPORT = {
    MEN: {MEN, ALL},
    WOMEN: {WOMEN, ALL},
    BOYS: {BOYS, CHILDREN, ALL},
    GIRLS: {GIRLS, CHILDREN, ALL},
    CHILDREN: {CHILDREN, BOYS, GIRLS, ALL},
    ALL: {ALL},
}


def audiences(text: str) -> dict[str, str]:
    """Return who a text names, each with the first words that do."""
    found: dict[str, str] = {}
    for match in _WORDS.finditer(text):
        found.setdefault(str(match.lastgroup), match[0])
    return found


def is_of_women(text: str) -> bool:
    """Say whether a Brief's text (lower case) speaks of what women wear, so that a title may name them."""
    return _OF_WOMEN.search(text) is not None


def audiences_of_column(name: str, value: str) -> set[str]:
    """Return whom an attribute names beyond what its words say anywhere; nothing for columns of other kinds."""
    return {str(match.lastgroup) for match in _IN_COLUMN.finditer(value)} if _COLUMN.match(name) else set()


def is_for(audience: str, told: set[str]) -> bool:
    """Say whether a title may name an audience, given those that the Brief names."""
    is_for_both = {MEN, WOMEN} <= told or {BOYS, GIRLS} <= told
    return bool(_SUPPORT[audience] & told) or (audience == ALL and is_for_both)
