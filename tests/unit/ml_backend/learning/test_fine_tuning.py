from pathlib import Path

import pytest
import torch
from transformers import LlamaForCausalLM

from ml_backend.learning import checkpoints
from ml_backend.learning.fine_tuning import Course, Pair, TrainingPlan
from tests.unit.ml_backend.learning.tiny_llama import write_tiny_llama

PAIRS = [Pair(prompt=[10 + i, 11, 12][: 1 + i % 3], title=[20 + i, 30 + i % 4, 0]) for i in range(12)]
VALID = [Pair(prompt=[90, 11], title=[40, 0])]
PLAN = TrainingPlan(batch=4, most_epochs=4, learning_rate=1e-2)


class Stopped(Exception):
    """Stands for the end of the process."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_llama(tmp_path_factory.mktemp("base"), ["abc abd"])


def fresh_model(folder: Path) -> LlamaForCausalLM:
    model = LlamaForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    model.requires_grad_(requires_grad=False)
    model.model.layers[0].mlp.requires_grad_(requires_grad=True)
    return model


def trained(folder: Path, plan: TrainingPlan, *, at: Path | None = None, stop_after: int | None = None) -> torch.Tensor:
    reports: list[float] = []

    def report(done: float, message: str) -> None:
        reports.append(done)
        if stop_after is not None and "ended" not in message and len(reports) > stop_after:
            raise Stopped

    model = fresh_model(folder)
    course = Course(model, plan, minutes=None, seed=3, report=report, checkpoints=at, checkpoint_every_s=0.0)
    course.run(PAIRS, VALID)
    return model.model.layers[0].mlp.up_proj.weight.detach()


@pytest.mark.parametrize("stop_after", [1, 5, 9])
def test_a_stopped_course_goes_on_and_ends_as_it_would_have_without_the_stop(
    folder: Path, tmp_path: Path, stop_after: int
) -> None:
    whole = trained(folder, PLAN)

    with pytest.raises(Stopped):
        trained(folder, PLAN, at=tmp_path, stop_after=stop_after)
    assert (tmp_path / "course.safetensors").is_file()
    resumed = trained(folder, PLAN, at=tmp_path)

    assert torch.equal(resumed, whole)
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_of_other_data_or_a_damaged_one_is_passed_over(folder: Path, tmp_path: Path) -> None:
    file = checkpoints.CheckpointFile(tmp_path / "course.safetensors")
    file.write("another course", checkpoints.Place(), {"random": torch.get_rng_state()}, now_s=0.0)
    assert file.read("this course") is None

    (tmp_path / "course.safetensors").write_bytes(b"damaged")
    assert file.read("another course") is None


def test_a_checkpoint_is_due_after_its_time(tmp_path: Path) -> None:
    file = checkpoints.CheckpointFile(tmp_path / "course.safetensors", every_s=30.0)

    assert [file.is_due(100.0), file.is_due(129.0), file.is_due(131.0)] == [False, False, True]
    file.write("course", checkpoints.Place(), {"random": torch.get_rng_state()}, now_s=131.0)
    assert not file.is_due(132.0)


def test_accumulated_gradients_are_those_of_the_larger_batch(folder: Path) -> None:
    large = trained(folder, TrainingPlan(batch=8, most_epochs=2, learning_rate=1e-3))
    small = trained(folder, TrainingPlan(batch=2, accumulate=4, most_epochs=2, learning_rate=1e-3))

    torch.testing.assert_close(small, large, atol=1e-4, rtol=1e-3)
