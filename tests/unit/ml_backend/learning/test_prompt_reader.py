from pathlib import Path

import pytest

from ml_backend.contract import Brief, ChannelRules, Example
from ml_backend.errors import BadArtifact
from ml_backend.learning.prompt_reader import Reader


class LetterTokenizer:
    eos_token_id = 0

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        return [ord(letter) for letter in text]


def make_example(sku: str, noun: str, family: str) -> Example:
    brief = Brief(
        catalog="demo",
        library="",
        sku=sku,
        language="en",
        channel=ChannelRules(key="shop", max_length=60),
        attributes=(("Type", noun),),
    )
    return Example(brief=brief, title=f"Norvik {noun} {sku}", tags=None, source="catalog", family=family)


EXAMPLES = [
    make_example("a1", "brass lamp", "lamps"),
    make_example("a2", "brass lamp", "lamps"),
    make_example("b1", "brass lantern", "lanterns"),
    make_example("c1", "cup", "cups"),
]


def text(ids: list[int]) -> str:
    return "".join(map(chr, ids))


def test_in_training_a_like_product_of_another_family_is_shown() -> None:
    reader = Reader.learned(EXAMPLES, LetterTokenizer(), 1)

    (prompt,) = reader.prompts([EXAMPLES[0].brief], families=["lamps"])

    assert "Like: Norvik brass lantern b1" in text(prompt)
    assert text(prompt).endswith("\nTitle:")


def test_in_drafting_the_nearest_is_shown_but_never_the_product_s_own_title() -> None:
    reader = Reader.learned(EXAMPLES, LetterTokenizer(), 1)

    (prompt,) = reader.prompts([EXAMPLES[0].brief])

    assert "Like: Norvik brass lamp a2" in text(prompt)
    assert "a1" not in text(prompt)


@pytest.mark.parametrize(("n_neighbours", "files"), [(0, 1), (2, 2)])
def test_a_saved_reader_reads_the_same(tmp_path: Path, n_neighbours: int, files: int) -> None:
    reader = Reader.learned(EXAMPLES, LetterTokenizer(), n_neighbours)
    briefs = [example.brief for example in EXAMPLES]

    reader.save(tmp_path)

    assert len(list(tmp_path.iterdir())) == files
    assert Reader.load(tmp_path, LetterTokenizer()).prompts(briefs) == reader.prompts(briefs)


def test_a_folder_without_a_readers_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadArtifact, match="prompts look like"):
        Reader.load(tmp_path, LetterTokenizer())
