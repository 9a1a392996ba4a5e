from collections.abc import Iterator

import pytest
import torch
from peft import LoraConfig
from peft.tuners.lora import Linear

from ml_backend.learning.quick_lora import QuickLinear

N_ROWS, WIDTH_IN, WIDTH_OUT = 5, 6, 4


@pytest.fixture
def layer() -> Iterator[QuickLinear]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = LoraConfig(r=2, lora_alpha=6, lora_dropout=0.0)
        made = QuickLinear(torch.nn.Linear(WIDTH_IN, WIDTH_OUT), "own", config=config, r=2, lora_alpha=6)
        made.get_base_layer().requires_grad_(requires_grad=False)
        torch.nn.init.normal_(made.lora_B["own"].weight)
        yield made


def run(layer: QuickLinear, forward: object) -> tuple[torch.Tensor, list[torch.Tensor]]:
    x = torch.linspace(-1, 1, 2 * N_ROWS * WIDTH_IN).view(2, N_ROWS, WIDTH_IN).requires_grad_()
    out = forward(layer, x)  # type: ignore[operator]
    down, up = layer.lora_A["own"].weight, layer.lora_B["own"].weight
    return out, list(torch.autograd.grad((out * out).sum(), [x, down, up]))


def test_it_gives_peft_s_outputs_and_gradients(layer: QuickLinear) -> None:
    out, gradients = run(layer, QuickLinear.forward)

    expected, expected_gradients = run(layer, Linear.forward)
    torch.testing.assert_close(out, expected)
    for gradient, expected_gradient in zip(gradients, expected_gradients, strict=True):
        torch.testing.assert_close(gradient, expected_gradient)


def test_a_merged_or_disabled_layer_is_left_to_peft(layer: QuickLinear) -> None:
    x = torch.ones(1, WIDTH_IN)
    adapted = layer(x)

    layer.merge()
    torch.testing.assert_close(layer(x), adapted)
    layer.unmerge()
    layer.enable_adapters(enabled=False)
    torch.testing.assert_close(layer(x), layer.get_base_layer()(x))
