"""The language of a product's text."""

import pytest

from ml_backend.rules.languages import language_of, own_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A light steel bottle that keeps tea hot for a whole day", "en"),
        ("Leichter Wanderrucksack aus wasserdichtem Gewebe für lange Tage", "de"),
        ("Une bouteille légère en acier qui garde le thé au chaud", "fr"),
        ("Una bolsa ligera de algodón para llevar las compras a casa", "es"),
        ("Zaino leggero e impermeabile per le escursioni in montagna", "it"),
        ("Uma garrafa de aço leve que mantém o chá quente o dia todo", "pt"),
        ("Een lichte rugzak van waterdichte stof voor lange dagtochten", "nl"),
        ("Lekki plecak turystyczny z wodoodpornej tkaniny na długie wycieczki", "pl"),
        ("En lätt ryggsäck av vattentätt tyg för långa dagsturer", "sv"),
        ("Uzun yürüyüşler için su geçirmez kumaştan hafif sırt çantası", "tr"),
        ("Лёгкий рюкзак из водонепроницаемой ткани для долгих походов", "ru"),
        ("Легкий рюкзак із водонепроникної тканини для довгих походів", "uk"),
        ("حقيبة ظهر خفيفة من قماش مقاوم للماء للرحلات الطويلة", "ar"),
        ("תרמיל קל מבד עמיד למים", "he"),
        ("Ελαφρύ σακίδιο από αδιάβροχο ύφασμα", "el"),
        ("กระเป๋าเป้น้ำหนักเบากันน้ำ", "th"),
        ("가벼운 방수 배낭 30L", "ko"),
        ("軽量の防水バックパック", "ja"),
        ("加厚不锈钢保温杯", "zh"),
        ("惠普HP EliteBook 840背光键盘黑色全新", "zh"),
        ("植物の香洗发水护发素无硅油温和清洁", "zh"),
    ],
)
def test_a_text_has_its_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "500 ml",
        "杯",
        "Norvik Tern",
        "HP LC-51C CF280A USB HDMI",
        "Norvik Tern Kettle 保温杯大容量",
        "!!! ★★★ 12345",
    ],
)
def test_what_is_too_short_or_mixed_has_none(text: str) -> None:
    assert language_of(text) is None


def test_a_product_speaks_its_catalogs_language_unless_clearly_another() -> None:
    german = "Leichter Wanderrucksack aus wasserdichtem Gewebe für lange Tage"

    assert own_language(german, "en") == "de"
    assert own_language(german, "de-CH") == "de-CH"
    assert own_language("加厚不锈钢保温杯", "zh-TW") == "zh-TW"
    assert own_language("Norvik Tern", "en") == "en"
    assert own_language("Norvik Brown Kurta 保温杯", "en") == "en"
