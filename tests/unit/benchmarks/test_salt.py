"""SALT's loss and the trial around it, on a tiny llama and an invented catalog."""

import gzip
import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import LlamaForCausalLM

from benchmarks import salt
from benchmarks.salt import EditedPair, SaltCourse, draft_loss, edited, kept_tokens
from ml_backend.learning.fine_tuning import Pair, TrainingPlan
from tests.unit.ml_backend.learning.tiny_llama import write_tiny_llama

PLAIN = Pair(prompt=[10, 11, 12], title=[20, 30, 0])
EDITED = EditedPair(prompt=[10, 11, 12], title=[20, 30, 0], draft=[20, 40], is_kept=[True, False])
BRANDS = ("Norvale", "Brennholt", "Ostrava", "Liljemark", "Vesterby", "Karstein", "Quillon", "Tandem")
KINDS = ("Kettle", "Toaster", "Blender", "Scale", "Grinder", "Press")


class EvenModel(torch.nn.Module):
    """Finds each of four tokens equally likely, whatever it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.device_marker = torch.nn.Parameter(torch.zeros(1))

    def forward(self, *, input_ids: torch.Tensor, logits_to_keep: int, **_: Any) -> SimpleNamespace:
        return SimpleNamespace(logits=torch.zeros(len(input_ids), logits_to_keep, 4))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [f"Brand: {brand}\nCategory: Kitchen > {kind}\nTitle: {brand} {kind}" for brand in BRANDS for kind in KINDS]
    return write_tiny_llama(tmp_path_factory.mktemp("base"), texts)


def fresh_model(folder: Path) -> LlamaForCausalLM:
    model = LlamaForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    model.requires_grad_(requires_grad=False)
    model.model.layers[0].mlp.requires_grad_(requires_grad=True)
    return model


def trained(folder: Path, pair: Pair) -> LlamaForCausalLM:
    model = fresh_model(folder)
    plan = TrainingPlan(batch=1, most_epochs=20, learning_rate=1e-2)
    SaltCourse(model, plan, seed=0, report=lambda _done, _message: None).run([pair], [])
    return model


def proba(model: LlamaForCausalLM, read: list[int], token: int) -> float:
    with torch.no_grad():
        return float(model(input_ids=torch.tensor([read])).logits[0, -1].softmax(dim=-1)[token])


def test_a_removed_token_gets_less_likely_than_by_the_title_alone_and_a_kept_one_is_not_punished(folder: Path) -> None:
    plain = trained(folder, PLAIN)
    read = [10, 11, 12, 20, 40]
    likely = int(plain(input_ids=torch.tensor([read])).logits[0, -1].argmax())

    salted = trained(folder, replace(EDITED, draft=[20, 40, likely], is_kept=[True, False, False]))

    assert proba(salted, read, likely) < proba(plain, read, likely) / 2
    assert proba(salted, [10, 11, 12], 20) > 0.5


def test_the_draft_alone_teaches_what_to_say_and_what_not(folder: Path) -> None:
    model = fresh_model(folder)
    likely = int(model(input_ids=torch.tensor([[10, 11, 12, 20]])).logits[0, -1].argmax())
    pair = EditedPair(prompt=[10, 11, 12], title=[20, 0], draft=[20, likely], is_kept=[True, False])
    before = (proba(model, [10, 11, 12], 20), proba(model, [10, 11, 12, 20], likely))

    optimizer = torch.optim.SGD(model.model.layers[0].mlp.parameters(), lr=0.01)
    for _ in range(5):
        optimizer.zero_grad()
        draft_loss(model, [pair]).backward()
        optimizer.step()

    assert proba(model, [10, 11, 12], 20) > before[0]
    assert proba(model, [10, 11, 12, 20], likely) < before[1]


def test_kept_tokens_cost_their_likelihood_and_removed_ones_their_unlikelihood_whatever_the_padding() -> None:
    short = EditedPair(prompt=[1], title=[2, 0], draft=[2], is_kept=[True])
    long = EditedPair(prompt=[1, 1], title=[2, 0], draft=[2, 3, 3], is_kept=[True, False, False])

    loss = draft_loss(EvenModel(), [short, long])  # type: ignore[arg-type]

    assert loss.item() == pytest.approx(2 * math.log(4) - 2 * math.log(3 / 4))


def test_a_token_said_for_sure_can_still_be_unlearnt() -> None:
    class SureModel(EvenModel):
        def forward(self, **read: Any) -> SimpleNamespace:
            logits = super().forward(**read).logits
            logits[..., 3] = 200.0 + self.device_marker
            return SimpleNamespace(logits=logits)

    model = SureModel()
    draft_loss(model, [EditedPair(prompt=[1], title=[0], draft=[3], is_kept=[False])]).backward()  # type: ignore[arg-type]

    assert model.device_marker.grad is not None
    assert model.device_marker.grad.item() == pytest.approx(1.0)


def test_tokens_are_aligned_as_wholes() -> None:
    patient, takes, one, aspirin, daily, wants = range(6)

    assert kept_tokens([patient, takes, one, aspirin, daily], [patient, wants, aspirin]) == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_a_title_that_is_new_rather_than_edited_is_learnt_without_its_draft() -> None:
    pair = Pair(prompt=[1], title=[5, 6, 7, 0])

    assert edited(pair, [5, 8, 9]) is pair
    assert edited(pair, [5, 6, 9]) == EditedPair(
        prompt=[1], title=[5, 6, 7, 0], draft=[5, 6, 9], is_kept=[True, True, False]
    )


def test_both_ways_are_trained_on_the_same_titles_and_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"sku": f"{b}-{k}", "title": f"{b} {k}", "brand": b, "category": ["Kitchen", k], "language": "en"}
        for b in BRANDS
        for k in KINDS
    ]
    catalog, out = tmp_path / "kitchen.jsonl.gz", tmp_path / "figures.json"
    catalog.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    options = ["--base", str(folder), "--pairs", "24", "--epochs", "4", "--out", str(out)]
    monkeypatch.setattr(salt, "RUNS_FOLDER", tmp_path)
    monkeypatch.setattr(sys, "argv", ["salt", str(catalog), *options])

    salt.main()

    figures = json.loads(out.read_text(encoding="utf-8"))
    (one,) = figures["seeds"]
    assert 0 <= one["edits_learnt_from"] <= one["edits"] <= one["simulated"] < 24
    assert one["plain"]["n"] == one["salt"]["n"] > 0
    assert figures["salt_over_plain"].keys() == {"rouge_l", "edit"}
    assert sorted(file.stem for file in tmp_path.glob("kitchen-*/*.json")) == ["half", "plain", "salt"]
