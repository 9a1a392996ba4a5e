"""Number words of two languages, in digits."""

import pytest

from ml_backend.rules.numerals import in_digits, plain_figures, worded_quantities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("three hundred fifty milliliters", "350 milliliters"),
        ("one hundred and five", "105"),
        ("a hundred ways", "100 ways"),
        ("Twenty-eight liters, forty watts", "28 liters, 40 watts"),
        ("nine and a half inches", "9.5 inches"),
        ("half a liter", "0.5 liter"),
        ("two dozen", "24"),
        ("3 dozen", "36"),
        ("EAN 0012345678", "EAN 0012345678"),
        ("a dozen eggs", "a 12 eggs"),
        ("as a pair", "as a 2"),
        ("four-season", "4-season"),
        ("the whole year", "the 4 seasons"),
        ("spring to autumn", "3 seasons"),
        ("someone often phones", "someone often phones"),
        ("a year and a half", "a year and a half"),
    ],
)
def test_english_number_words_become_digits(text: str, expected: str) -> None:
    assert in_digits(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("净容量：七百五十毫升", "净容量：750毫升"),
        ("一百二十件", "120件"),
        ("十二寸", "12寸"),
        ("一千二百克", "1200克"),
        ("三百五", "350"),
        ("三百零五", "305"),
        ("两百克", "200克"),
        ("两件", "2件"),
        ("双层", "2层"),
        ("二两茶", "2两茶"),
        ("半斤", "0.5斤"),
        ("一点五升", "1.5升"),
        ("一米八的床", "1.8米的床"),
        ("百分之五", "5%"),
        ("三四个人", "3-4个人"),
        ("满三岁", "满3岁"),
        ("一样十分百搭", "一样十分百搭"),
    ],
)
def test_chinese_number_words_become_digits(text: str, expected: str) -> None:
    assert in_digits(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('1/2" chuck', '0.5" chuck'),
        ("size 5½", "size 5.5"),
        ("2 3/4 inch", "2.75 inch"),
        ("R4/F4, 1/2 of it", "R4/F4, 1/2 of it"),
        ("Jeans 32W 34L", "Jeans 32 34"),
        ("Jeans W32/L34", "Jeans 32 34"),
        ("1万毫安", "10000毫安"),
        ("1.2.3万毫安, 12½, ½", "1.23000毫安, 12.5,0.5"),
    ],
)
def test_figures_of_trades_become_plain(text: str, expected: str) -> None:
    assert plain_figures(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Set of Two Mugs", ["Set of Two"]),
        ("Half Gallon Jug, Two-Pack", ["Half Gallon", "Two-Pack"]),
        ("One for All", []),
        ("三件套半斤装", ["三件套", "半斤"]),
        ("一斤半双只装", ["一斤半", "双只装"]),
        ("一人用十分百搭", []),
    ],
)
def test_words_count_for_sure_only_before_what_is_counted(text: str, expected: list[str]) -> None:
    assert worded_quantities(text) == expected


def test_a_half_may_follow_its_unit() -> None:
    assert in_digits("一斤半") == "1.5斤"
