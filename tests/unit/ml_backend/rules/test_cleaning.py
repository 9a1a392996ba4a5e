"""What is left of a shop's text once markup, decoration and sellers' cries are gone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_backend.rules.cleaning import cleaned


@pytest.mark.parametrize(
    "text",
    [
        "Holds 5 < 6 mugs and keeps tea hot > 2 hours",
        "Gap <3mm where x<y and z>w",
        'Pipe of 1.5" for AT&T sockets, written in C++ and C#',
        "Class A+++, 10..20 W, 100~200ml, 2*3*4 m, 2**3",
        "Codes PK_504, VX-2000/B, 18/8 and SUS304; No. 7",
        "RS232",
        "QQT99892",
        "StarLamp.com desk lamp (M) [L] 24/7",
        "For sale booths and new homes. A new hot-water bottle.",
        "微信支付可用, QQ音乐 30*40cm",
        "热得匀，不糊底：食品级（304）钢；真好！",
        "可折叠。第二代, 3、4岁都能用",
        "می‌خواهم",
    ],
)
def test_facts_that_look_like_noise_stay(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "<p>Soft <b>500</b>ml mug</p><ul><li>Steel</li><li>BPA&nbsp;free</li></ul>",
            "Soft 500ml mug\nSteel\nBPA free",
        ),
        ("Oak<script>if (a<b) x='</p>';</script> shelf<!-- <p>old --><style>p{}</style>", "Oak shelf"),
        ("<table><tr><td>Colour</td><td>Blue</td></tr><tr><td>Size</td><td>M</td></tr></table>", "Colour Blue\nSize M"),
        ('<a title="a > b" href="x">Oak shelf</a><br/>30 cm', "Oak shelf\n30 cm"),
        ("&lt;br&gt;Oak &amp;amp; ash&amp;nbsp;shelf, R&amp;D &lt;3mm", "Oak & ash shelf, R&D <3mm"),
        ('Oak shelf, 30 cm <a href="http://shop', "Oak shelf, 30 cm"),
        ("salt&micron and caf&eacute;", "salt&micron and café"),
        ("<div>保温杯</div><p>５００ｍｌ</p>", "保温杯\n500ml"),
    ],
)
def test_markup_goes_and_blocks_become_lines(text: str, expected: str) -> None:
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ｏａｋ　ｓｈｅｌｆ，３０ｃｍ（Ｌ）", "oak shelf,30cm(L)"),
        ("o\u200ba\u00adk\ufeff sh\x00elf", "oak shelf"),
        ("✅ Cotton ✅ Machine wash 🔥 👨‍👩‍👧", "Cotton\nMachine wash"),
        ("1️⃣ strap, Kevlar™ 500ml² bag®", "1 strap, Kevlar 500ml bag"),
        ("3½ inch, ½ cup, 20 m², 20℃", "3.5 inch, 1/2 cup, 20 m2, 20°C"),
        ("◆大容量◆不锈钢", "大容量 不锈钢"),
    ],
)
def test_characters_become_usual_ones_and_decoration_goes(text: str, expected: str) -> None:
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!!! SALE !!! Red dress with pockets. FREE SHIPPING!!!", "Red dress with pockets."),
        ("★★★★★ Soft,, warm wool!!!! (Free Shipping) [HOT]", "Soft, warm wool!"),
        ("Soft...warm ----- very~~", "Soft. warm very"),
        (
            "Buy Norvik PK_504 Stool online at best price in India. Only Genuine Products. "
            "30 Day Replacement Guarantee. Free Shipping. Cash On Delivery!",
            "Norvik PK_504 Stool.",
        ),
        (
            "Anyshop.com: Buy Norvik Stool online only for Rs. 1,200 from Anyshop.com. Oak legs.",
            "Norvik Stool. Oak legs.",
        ),
        ("Price: Rs. 7,420\nA light ring of 22 kt gold", "A light ring of 22 kt gold"),
        ("Great Discounts, Only Genuine Products,, Free Shipping. Cash On Delivery!", ""),
        ("★★★【包邮】【正品保证】纯棉床单　大号！！！", "纯棉床单 大号！"),
        ("全国包邮，假一赔十！限时特价！纯棉T恤。亲，咨询客服", "纯棉T恤。"),
        ("1、材质:棉;2、尺寸:30cm", "材质:棉;尺寸:30cm"),
    ],
)
def test_sellers_cries_go_where_they_fill_a_clause(text: str, expected: str) -> None:
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "**Oak** shelf, see [manual](https://x.example/z)\n# Sizes\n- 30 cm\n2. two boards",
            "Oak shelf, see manual\nSizes\n30 cm\ntwo boards",
        ),
        ("Oak shelf https://x.example/a?b=1 www.x.example/c anna@x.example", "Oak shelf"),
        ("Tel: +1 (555) 123-4567. Oak shelf", "Oak shelf"),
        ("加微信:abc12345 咨询电话13912345678 保温杯 QQ:12345678", "保温杯"),
    ],
)
def test_markdown_links_and_contacts_go(text: str, expected: str) -> None:
    assert cleaned(text) == expected


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["<b>", "</p>", "&amp;", "&lt;br&gt;", "【包邮】", "!!", "SALE", ". ", "5 < 6", "https://x", "**", "- ",
                 "\n", "(", ")", "½", "★", "保温杯", "500ml", "Rs. 5", "buy", " online", "...", "，", "\u200d", '""']
            ),
            st.text(max_size=4),
        ),
        max_size=12,
    ).map("".join)
)  # fmt: skip
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    once = cleaned(text)

    assert cleaned(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" + "\n" * 200_000 + "b", "a\nb"),
        ("a" + "\n \t" * 50_000 + "--- b", "a\nb"),
        ("a" + "<br>" * 50_000 + "b", "a\nb"),
        ("@ " + "a-" * 100_000, "@ " + "a-" * 100_000),
        ("__a" * 30_000, "a" + " a" * 29_999),
    ],
    ids=["line ends", "blank lines", "breaks", "no mail", "never strong"],
)
def test_a_text_made_up_to_be_looked_at_again_and_again_is_not(text: str, expected: str) -> None:
    """Each is of a length that takes minutes where every place is read from to the end."""
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("..sales@shop.example now", "now"), ("see x.y+z@shop.example.", "see."), ("3@4, a@b", "3@4, a@b")],
)
def test_mail_addresses_go_with_what_belongs_to_them(text: str, expected: str) -> None:
    assert cleaned(text) == expected
