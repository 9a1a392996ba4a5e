from ml_backend.learning.pointer_reasons import WRITTEN, Trace, reasons
from ml_backend.learning.pointer_source import Source

SOURCE = Source(
    tokens=(" Norvik", " white", " red", " bowl"),
    fields=("brand", "description", "description", "neighbour"),
    places=(0, 0, 1, 0),
)


def test_neighbouring_words_of_one_field_are_one_reason_and_marks_between_them_are_kept() -> None:
    words = [" Norvik", " White", " &", " Red", " Bowl", " (", "New", ")"]
    trace = Trace(
        log_probas=(-0.1,) * 9, entropies=(0.2,) * 9, origins=(0, 1, WRITTEN, 2, 3, WRITTEN, WRITTEN, WRITTEN, WRITTEN)
    )

    assert reasons(words, trace, SOURCE) == (
        "“Norvik” from brand",
        "“White & Red” from description",
        "“Bowl” from a near product's title",
        "“New” learnt from other titles",
    )


def test_a_token_that_cannot_be_written_counts_the_floor() -> None:
    trace = Trace(log_probas=(-1.0, float("-inf")), entropies=(0.5, 1.5), origins=(0, WRITTEN))

    assert trace.likelihood(-9.0) == (-5.0, 1.0)
