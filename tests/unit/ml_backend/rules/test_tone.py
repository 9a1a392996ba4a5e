from ml_backend.rules.tone import tone


def test_pleasant_words_sound_better_than_plain_and_these_better_than_bad_ones() -> None:
    assert tone("Lovely Wool Blanket", "en") > tone("Wool Blanket", "en") > tone("Ugly Wool Blanket", "en")


def test_a_language_without_a_lexicon_is_neutral() -> None:
    assert tone("漂亮羊毛毯", "zh") == tone("Lovely", "de") == 0


def test_a_regional_code_is_its_language() -> None:
    assert tone("Lovely Wool Blanket", "en-GB") == tone("Lovely Wool Blanket", "en")
