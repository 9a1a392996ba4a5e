"""A shop's text without what is no word of the product: markup, decoration, sellers' cries, contacts, boilerplate.

What could be a fact stays: "5 < 6", "<3mm", "AT&T", "C++", codes, 1.5". Boilerplate is known by its form, never by a
shop's name.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from ml_backend.rules.text import is_han

_MOST_ROUNDS = 5  # markup may be escaped twice, and what is dropped may bare more; feeds escape thrice at most

# Only known tags are markup: a parser would also take "x<y and z>w" for a tag.
_BLOCKS = (
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_INLINE = (
    "a abbr acronym b bdi bdo big button cite code col colgroup data del dfn em embed font i iframe img input ins kbd "
    "label link map mark meta object param picture q s samp small source span strike strong sub sup svg time tt u var "
    "video wbr o:p"
)
_DROPPED = re.compile(
    r"<!--.*?(?:-->|\Z)|<!doctype[^>]*>|<\?xml[^>]*>|<!\[CDATA\[|\]\]>|"
    r"<(script|style|noscript|template|head|title)\b[^>]*>.*?(?:</\1\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTES = r"""(?:\s(?:"[^"]*"|'[^']*'|[^<>"'])*|/)?"""


def _tags(names: str) -> re.Pattern[str]:
    return re.compile(rf"</?(?:{'|'.join(names.split())}){_ATTRIBUTES}\s*/?>", re.IGNORECASE)


_CELL = _tags("td th")
_BLOCK = _tags(_BLOCKS)
_MARK = _tags(_INLINE)
_CUT_TAG = re.compile(rf"</?(?:{'|'.join((_BLOCKS + ' ' + _INLINE).split())})\s[^<>]*=[^<>]*\Z", re.IGNORECASE)
# A legacy entity without its semicolon would make "salt&micron" of an honest ampersand, so only the safe ones count.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});|&(?:nbsp|amp|quot)\b", re.IGNORECASE)

_FRACTION = {"½": "5", "¼": "25", "¾": "75", "⅛": "125", "⅜": "375", "⅝": "625", "⅞": "875"}
_MIXED_NUMBER = re.compile(rf"(?<=\d)\s?([{''.join(_FRACTION)}])")
_AREA_OR_VOLUME = re.compile(r"(?<=m|t|n)([²³])(?!\w)")  # m², cm³, ft², in²; any other raised digit is a footnote's
_FOOTNOTE = re.compile(r"[⁰¹²³⁴-⁹]+")
_JOINER = re.compile(r"(?<![\u0590-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0590-\u0dff])")
_UNUSUAL = re.compile(r"[^\x20-\x7e\n\u3040-\u30ff\u4e00-\u9fff]")
_HAN_MARK = re.compile(r"(?<=[\u4e00-\u9fff」』》”）%])[，：；！？]")
_BULLET = re.compile(r"(?:^|(?<=[\s.!?;。！？；,，]))[•‣⁃◦▪▫■□●○◆◇►▶▸➤➢➔➜✓✔✅☑❖※]\ufe0f?\s*", re.MULTILINE)
_LIST_MARK = re.compile(
    r"^\s*(?:[-*+·–—]\s+|\(?\d{1,2}[.)]\s+(?=[^\W\d]))|(?:^|(?<=[;。；\n]))\s*\d{1,2}、\s*(?=\D)", re.MULTILINE
)

_BLANK_LINES = re.compile(r"\n\s*\n")  # what looks for a line's beginning reads all of them from each

_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\((?:https?:|/|www\.|#)[^()\s]*\)")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+", re.MULTILINE)
_STRONG = re.compile(
    r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*\n]+?)(?<=[^\s*])\1(?![\w*])|(?<!\w)(__|~~)(?=\S)(.{1,1000}?)(?<=\S)\3(?!\w)"
)
_SIGN_OF_STRONG = re.compile("[*_~]")
_CODE = re.compile(r"`{1,3}([^`\n]+)`{1,3}")
_RULE = re.compile(r"^\s*[-*_=~+#|.]{3,}\s*$", re.MULTILINE)
_SIGN_OF_RULE = re.compile("[-*_=~+#|.][-*_=~+#|.]{2}")
_SIGN_OF_LIST = re.compile(r"\s*[-*+·–—(\d]")  # begins a text of one line; 、 within it is another

_REPEATED = re.compile(r"([!?,;:~。、，！？；：])(?:\s?\1)+")
_CRYING = re.compile(r"[!?！？]*[!！][!?！？]*")
_DOTS = re.compile(r"(?<![\d.])\.{2,}|\.{2,}(?![\d.])")
_RUN = re.compile(r"(?<![\d*])\*{2,}|\*{2,}(?![\d*])|[_=#$^|]{2,}|-{3,}|—{2,}|<{2,}(?!\d)|>{2,}")
_LONE_TILDE = re.compile(r"(?<=\S)~(?=\s|$)|(?<!\S)~(?=\s|$)")
_SIGN_OF_RUN = re.compile("[*_=#$^|<>—-][*_=#$^|<>—-]")

_URL = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\"'，。）】一-鿿]+|\bwww\.[a-z0-9-]+\.[^\s<>\"'，。）】一-鿿]+", re.IGNORECASE
)
_MAIL = re.compile(r"(?<![\w.+-])(?P<before>[.+-]*)\w[\w.+-]*@[\w-]+(?:\.[\w-]+)+\b")
_PHONE = r"\+?\(?\d[\d\s().-]{5,}\d"
_CONTACT = re.compile(
    r"\b(?:tel|telephone|phone|call(?: us)?(?: at)?|mobile|fax|whatsapp|hotline)\b\s*(?:no\.?|number)?"
    rf"\s*[.:]?\s*{_PHONE}|"
    r"\+\d{1,3}[\s-]\(?\d{2,4}\)?[\s-]\d{3,4}[\s-]?\d{3,4}\b|"
    r"(?:请?加?(?:店主|客服)?|\b)(?:微信|薇信|威信|wechat|weixin)(?:公众号|号码?|群)?"
    r"(?:\s*[:：]\s*[a-z0-9_-]{5,20}|\s*(?=[a-z_-]*\d)[a-z0-9_-]{5,20})|\b(?:vx|v信)\s*[:：]\s*[a-z0-9_-]{5,20}|"
    r"(?:请?加?(?:店主|客服)?|\b)(?:QQ群?|Q群)号?\s*[:：]?\s*\d{5,12}(?![a-z0-9])|"
    r"(?:(?:咨询|联系|服务|订购|客服)?(?:电话|手机|热线)|咨询|联系|致电)[^\d\n]{0,4}(?:1[3-9]\d{9}|\d{3,4}-\d{3,4}-?\d{4})(?!\d)|"
    r"(?<![\w-])[48]00-\d{3}-?\d{4}(?![\w-])",
    re.IGNORECASE,
)

# Without these no URL, mail or contact stands in a text; most texts have none, and the look is cheap: what begins with
# one set of characters, and with no choice or repetition, is looked for several times as fast.
_SIGN_OF_URL = re.compile(r"[:wW](?://|\.)")
_SIGN_OF_MAIL = re.compile("@")
_SIGN_OF_CONTACT = re.compile(r"[\d微薇威wWvV](?:[\d\s().-]{3}|信|[xX]|[eE](?:[cC][hH]|[iIıİ][xX]))")
_CONTACTS = (
    (_URL, _SIGN_OF_URL, " "),
    (_MAIL, _SIGN_OF_MAIL, r"\g<before> "),
    (_CONTACT, _SIGN_OF_CONTACT, " "),
)

# What markup, brackets and code stood between is joined; where a contact is cut out, letters behind it may be left.
_SIGN_OF_JOINING = re.compile(r"[^\n -%')+-;=-Z\\\]^a-}]")
_SIGN_OF_CUTTING = re.compile(r"[\dwWvV](?:(?<=\d)[a-zA-Z]|(?<=[wW])[eE](?:[cC][hH]|[iI][xX])|(?<=[vV])[xX])")

# What a shop says of its sale; noise only where it fills a whole clause or bracket, for "sale" may name a product.
_PRICE = r"(?:(?:rs\.|[₹$€£¥]|us\$)\s*|(?:rs|inr|usd|eur|gbp|rmb)\s)\d[\d,]*(?:\.\d+)?(?:/-)?"  # RS232 is none
_CRY = (
    r"(?:hot|big|flash|mega|super|clearance|summer|winter|end of season) sales?|sales?|on sale|clearance|"
    r"(?-i:HOT|NEW|WOW)|(?:hot|new) (?:item|arrivals?)|best[- ]?sell(?:er|ing)s?|must[- ](?:have|buy|see)|"
    r"free (?:worldwide |home |fast )?(?:shipping|delivery|postage|returns|gifts?)(?: (?:worldwide|available))?|"
    r"fast (?:shipping|delivery)|cash on delivery(?: available)?|cod available|easy returns|"
    r"only genuine products?|100% (?:genuine|original|authentic|brand new)(?: products?)?|"
    r"great (?:discounts?|deals?|offers?)|(?:huge|heavy|big) discounts?|(?:up ?to )?\d+ ?% (?:off|discount)|"
    r"(?:at )?(?:the )?(?:best|lowest|low) prices?(?: (?:ever|online|guaranteed))?(?: in [a-z]+)?|"
    r"limited (?:time|stock|offer|edition offer)(?: (?:offer|only))?|(?:buy|order|shop|book) (?:it )?now|"
    r"(?:buy|shop|order)(?: online)?(?: only)?|add to cart|click here|in stock|while stocks? lasts?|"
    r"\d+[- ]days? (?:replacement|money[- ]back|return|exchange)(?: guarantee| policy)?|money[- ]back guarantee|"
    r"satisfaction guaranteed|(?:top|premium|high) quality guaranteed|don't miss (?:it|out)|"
    rf"(?:only |just )?(?:for |at )?{_PRICE}(?: only)?|(?:price|mrp|our price)\s*:?\s*(?:{_PRICE}|\d[\d,.]*)|"
    r"from [a-z0-9-]+\.(?:com|net|org|shop|in|cn|co\.uk|de|fr)|"
    r"(?:全国|全场|顺丰|本店|江浙沪)*(?:包邮|免邮|免运费)|(?:限时|今日|限量|年终|全场|新店|清仓)*(?:特价|秒杀|促销|抢购|特惠|大促|优惠)[中价]?|"
    r"清仓(?:处理|甩卖)?|甩卖|亏本(?:甩卖|清仓)?|跳楼价|厂家直销|(?:官方|专柜|原装)?正品(?:保证|保障|行货)?|"
    r"假一[赔罚][一二三四五六七八九十百\d]+|[七7]天(?:无理由)?(?:包?退换?货?)|(?:24|48|72)小时内?发货|(?:现货|当天|急速|闪电)(?:速发|秒发|发货)?|"
    r"新[品款](?:上市|上新|促销)?|爆款|热卖(?:中|爆款)?|热销(?:中|爆款)?|网红爆?款|买[一二三\d]送[一二三\d]|"
    r"收藏(?:加购)?(?:送[\u4e00-\u9fff]{1,4})?|好评返现|领券(?:立减\d+元?|购买)?|满\d+[减送]\d+元?|立减\d+元?|"
    r"(?:详情)?(?:请)?(?:咨询|联系)(?:在线)?客服|支持验货|质量保证|品质保证|售后无忧|放心购买|双1[12]|双十[一二]|聚划算|"
    r"(?:亲们?)|(?:售价|价格|原价|现价|特价)\s*[:：]?\s*¥?\d[\d,.]*元?"
)
_JOINTS = r"[\s,.、!?~:;，！？：；（）|/&+*#()\[\]【】。·\"'–—-]*"
_ALL_NOISE = re.compile(rf"{_JOINTS}(?:(?:{_CRY})(?![a-z0-9]){_JOINTS})*", re.IGNORECASE)
_BRACKET = re.compile(
    r"【([^【】\n]{0,40})】|\[([^\[\]\n]{0,40})\]|\(([^()\n]{0,40})\)|（([^（）\n]{0,40})）|《([^《》\n]{0,40})》|<<([^<>\n]{0,40})>>"
)
_CLAUSE_END = re.compile(r"[!?;。！？；.](?:(?<!\.)\s*(?![!?;！？；])|(?<=\.)(?<![Rr]s\.)\s+)")
_BLANK_BEFORE_MARK = re.compile(r" (?=[,;!?。、，；！？]|\.(?: |$))")  # a line's white space is single blanks by then
_MARKS = ",;:.!?、。|，；：！？"
_STRAY = re.compile(rf"[,;、，；](?=\s*[.;!?。；！？])|^(?:[{_MARKS}]+(?:\s+|$))+")
_SIGN_OF_STRAY = re.compile(r"[,;、，；]\s*[.;!?。；！？]")
_HOLLOW = re.compile(r"\(\s*\)|（\s*）|\[\s*\]|【\s*】")
_SIGN_OF_HOLLOW = re.compile(r"[(（\[【]\s*[)）\]】]")
_OFFER = re.compile(
    r"(?:\b[a-z0-9-]+\.(?:com|net|org|in|cn|co\.uk|de)\s*:\s*)?"
    r"\b(?:buy|shop for|order)\s+(?P<what>[^\n]{2,200}?)\s+online\b"
    r"(?P<rest>(?:\brs\.|\.(?=\w)|[^.!?\n])*)",
    re.IGNORECASE,
)


def cleaned(text: str) -> str:
    """Return the text's sentences, one block, list item or paragraph a line; "" where all was noise.

    Letters and digits come in NFKC; Chinese marks stay Chinese beside Han. Cleaning what is clean changes nothing.
    """
    for _ in range(_MOST_ROUNDS):
        before, text = text, _cleaned_once(text)
        if text == before:
            break
    return text


def only_loses_words(text: str) -> bool:
    """Say whether every word of the cleaned text is sure to stand in the text itself: none is joined or cut."""
    return not _SIGN_OF_JOINING.search(text) and not _SIGN_OF_CUTTING.search(text)


def _cleaned_once(text: str) -> str:
    text = _without_markup(text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _BLANK_LINES.sub("\n\n", _plain_characters(text))
    text = _without_markdown(text)
    for contact, sign, instead in _CONTACTS:
        if sign.search(text):
            text = contact.sub(instead, text)
    text = _calm(text)
    if "online" in text.lower():
        text = _OFFER.sub(_offered, text)
    text = _BRACKET.sub(lambda m: " " if _is_noise("".join(filter(None, m.groups()))) else m[0], text)
    lines = (_tidy(_without_noise(line)) for line in text.split("\n"))
    return "\n".join(filter(None, lines))


def _without_markup(text: str) -> str:
    if "<" in text:
        text = _DROPPED.sub(" ", text)
        text = _MARK.sub("", _BLOCK.sub("\n", _CELL.sub(" ", text)))
        text = _CUT_TAG.sub(" ", text)
    if "&" in text:
        text = _ENTITY.sub(lambda m: html.unescape(m[0] if m[0].endswith(";") else m[0] + ";"), text)
    return text


def _plain_characters(text: str) -> str:
    if not text.isascii():
        text = _BULLET.sub("\n", text)
        text = _MIXED_NUMBER.sub(lambda m: f".{_FRACTION[m[1]]}", text)
        text = _AREA_OR_VOLUME.sub(lambda m: "2" if m[1] == "²" else "3", text)
        text = _JOINER.sub("", _FOOTNOTE.sub("", text))
    brackets = "（）" if is_han(text) else ""
    text = _UNUSUAL.sub(lambda m: m[0] if m[0] in brackets or _HAN_MARK.match(text, m.start()) else _plain(m[0]), text)
    return unicodedata.normalize("NFC", text)  # a letter and its accent may only now stand side by side


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """Return a character's usual form: "" for what is invisible, a blank for a symbol that only adorns."""
    if character in "™®©℠\ufe0e\ufe0f\u20e3":
        return ""
    if character in "″〃":
        return '"'
    if character == "\t" or character in "\u2028\u2029\x0b\x0c\x85":
        return " " if character == "\t" else "\n"
    usual = unicodedata.normalize("NFKC", character).replace("\u2044", "/")
    if len(usual) > 1 or usual == "°":
        return usual
    category = unicodedata.category(usual)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return usual if usual in "\u200c\u200d\n" else ""
    adorns = category == "So" or (category == "Sk" and ord(usual) > 0x7F) or usual in "▷◁"
    return " " if adorns or category == "Zs" else usual


def _without_markdown(text: str) -> str:
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if _SIGN_OF_RULE.search(text):
        text = _RULE.sub("", text)
    if "#" in text:
        text = _HEADING.sub("", text)
    if "`" in text:
        text = _CODE.sub(r"\1", text)
    if _SIGN_OF_STRONG.search(text):
        text = _STRONG.sub(lambda m: m[2] or m[4], text)
    if "\n" in text or "、" in text or _SIGN_OF_LIST.match(text):
        text = _LIST_MARK.sub("", text)
    return text


def _calm(text: str) -> str:
    """Say each mark once; ++ is a grade or a language, and dots between digits are a range."""
    text = _REPEATED.sub(r"\1", text)
    if "!" in text or "！" in text:
        text = _CRYING.sub(lambda m: "！" if m[0][0] in "！？" else "!", text)
    if ".." in text:
        text = _DOTS.sub(lambda m: ". " if m.end() < len(text) else ".", text)
    if '""' in text:
        text = re.sub(r'""+', '"', text)
    if _SIGN_OF_RUN.search(text):
        text = _RUN.sub(" ", text)
    return _LONE_TILDE.sub("", text) if "~" in text else text


def _offered(match: re.Match[str]) -> str:
    """Keep what "Buy … online at best price" offers, and leave any other sentence as it is."""
    if not match["rest"].strip(" -:") or _is_noise(match["rest"]):
        return f"{match['what']}. "
    return match[0]


def _is_noise(text: str) -> bool:
    return _ALL_NOISE.fullmatch(text) is not None


def _without_noise(line: str) -> str:
    return "".join(piece for piece in _clauses(line) if piece and (piece.isspace() or not _is_noise(piece)))


def _clauses(line: str) -> Iterator[str]:
    """Yield each clause with its mark, and the white space behind it."""
    start = 0
    for end in _CLAUSE_END.finditer(line):
        yield line[start : end.start() + 1]
        yield line[end.start() + 1 : end.end()]
        start = end.end()
    yield line[start:]


def _tidy(line: str) -> str:
    line = _BLANK_BEFORE_MARK.sub("", " ".join(line.split()))
    if line[:1] in _MARKS or _SIGN_OF_STRAY.search(line):
        line = _STRAY.sub("", line)
    if _SIGN_OF_HOLLOW.search(line):
        line = _HOLLOW.sub("", line)
    return line.strip(" ,;、，；|\t")
