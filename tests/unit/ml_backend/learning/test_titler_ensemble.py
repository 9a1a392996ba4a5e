"""Several titlers as one: pooled, judged, ordered by fitted weights, kept in one version folder."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ml_backend.contract import Brief, Example, TitleProposal, Titler, TrainingRequest, to_json
from ml_backend.errors import BadArtifact, TrainingFailed
from ml_backend.learning.artifacts import load_titler, read_manifest, write_version
from ml_backend.learning.ensemble_training import Member, train_ensemble
from ml_backend.learning.likelihoods import Likelihood
from ml_backend.learning.ranking import weights_of
from ml_backend.learning.titler_ensemble import EnsembleTitler
from ml_backend.learning.trainers import kept_members, trained
from tests.unit.ml_backend.learning.test_neighbours import KNOWN, NEW


class FixedTitler:
    """Proposes what it is told and likes long titles."""

    def __init__(self, *titles: str) -> None:
        self.titles = titles

    def propose(self, briefs: Sequence[Brief], n: int) -> list[list[TitleProposal]]:
        return [[TitleProposal(title=title, method="fixed") for title in self.titles[:n]] for _ in briefs]

    def likelihoods(self, briefs: Sequence[Brief], titles: Sequence[Sequence[str]]) -> list[list[Likelihood]]:
        return [[Likelihood(log_proba=-1.0 / len(title), entropy=0.5) for title in own] for own in titles]

    def save(self, folder: Path) -> None:
        raise NotImplementedError


def make_ensemble(tmp_path: Path) -> Titler:
    request = TrainingRequest(
        kind="titler", method="ensemble", scope="c", number=1, models_folder=str(tmp_path), data_hash="0"
    )
    model = trained(request, KNOWN, lambda _share, _message: None).model
    assert isinstance(model, EnsembleTitler)
    return model


def write(folder: Path, model: Titler) -> None:
    write_version(folder, model, kind="titler", scope="c", method="ensemble", number=1, data_hash="0")


def test_every_member_proposes_and_every_judge_is_heard() -> None:
    ensemble = EnsembleTitler({"one": FixedTitler("Lamp", "Big Lamp"), "two": FixedTitler("Lamp", "Lamp, White")}, {})
    pool = ensemble.pooled([NEW.brief], 2)[0]
    assert [proposal.title for proposal in pool] == ["Lamp", "Big Lamp", "Lamp, White"]
    assert all({"log-probability by one", "log-probability by two"} <= proposal.judged.keys() for proposal in pool)


def test_weights_decide_which_proposal_comes_first() -> None:
    titles = ("Vesterby Kettle", "Vesterby Kettle Sage")
    for sign in (1.0, -1.0):
        ensemble = EnsembleTitler({"one": FixedTitler(*titles)}, {"log-probability by one": sign})
        assert ensemble.propose([NEW.brief], 2)[0][0].title == titles[1 if sign > 0 else 0]


def test_an_ensemble_learns_from_a_catalog_and_is_the_same_when_it_is_loaded(tmp_path: Path) -> None:
    ensemble = make_ensemble(tmp_path)
    folder = tmp_path / "titler" / "c" / "v1"
    write(folder, ensemble)
    again = load_titler(folder)
    assert again.propose([NEW.brief], 3) == ensemble.propose([NEW.brief], 3)
    assert weights_of(again) == weights_of(ensemble)
    assert ensemble.propose([NEW.brief], 1)[0][0].title == NEW.title


def test_a_file_slipped_among_the_members_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "titler" / "c" / "v1"
    write(folder, make_ensemble(tmp_path))
    assert any(name.startswith("neighbour/") for name in read_manifest(folder).files)
    (folder / "neighbour" / "more.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BadArtifact, match=r"more\.json"):
        load_titler(folder)


def test_members_reached_by_a_link_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "titler" / "c" / "v1"
    write(folder, make_ensemble(tmp_path))
    (folder / "neighbour").rename(tmp_path / "elsewhere")
    (folder / "neighbour").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadArtifact):
        load_titler(folder)


def test_an_ensemble_goes_without_a_member_that_can_not_be_trained() -> None:
    def fail(_examples: Sequence[Example], _progress: Callable[[float, str], None]) -> Titler:
        raise TrainingFailed("too few titles")

    members = [
        Member(method="fixed", learn=lambda _examples, _progress: FixedTitler("Lamp"), is_cheap=False),
        Member(method="hopeless", learn=fail, is_cheap=False),
    ]
    result = train_ensemble(members, KNOWN[1:], KNOWN[:1], lambda _share, _message: None)
    assert list(result.titler.members) == ["fixed"]
    assert {"seconds_fixed", "peak_mb_fixed"} <= result.metrics.keys()
    with pytest.raises(TrainingFailed):
        train_ensemble(members[1:], KNOWN, [], lambda _share, _message: None)


def test_proposals_travel_as_json() -> None:
    pool = EnsembleTitler({"one": FixedTitler("Lamp")}, {}).pooled([NEW.brief], 1)[0]
    assert to_json(pool[0])["judged"]


def test_a_quick_training_keeps_what_took_minutes_to_learn() -> None:
    slow = FixedTitler("Lamp")
    serving = EnsembleTitler({"template": FixedTitler("A"), "pointer": slow}, {})
    kept = kept_members(serving)
    assert [member.method for member in kept] == ["pointer"]
    assert kept[0].learn([], lambda _share, _message: None) is slow
    assert kept_members(slow) == []
