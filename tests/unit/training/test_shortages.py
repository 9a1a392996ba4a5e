"""What a machine lacks or breaks while the real training runs ends in a sentence, and the serving version stays."""

import errno
import json
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from django.conf import LazySettings, settings

from ml_backend import train
from ml_backend.contract import TrainingReport, pointer_file, version_folder
from ml_backend.errors import TrainingFailed
from ml_backend.learning.artifacts import load_titler
from tests.factories import make_catalog, make_product, make_version
from titlelab.catalog.models import Catalog
from titlelab.training.child import ChildProcessTrainer
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.training.promoting import publish_pointer
from titlelab.training.run_folder import DISK_IS_FULL, MEMORY_RAN_OUT, read_failure, read_report
from titlelab.training.running import execute_run
from titlelab.training.starting import start_run

State = TrainingRun.State
N_DEATHS = 2
LONGEST_LIFE_S = 3.0  # as long as such a training takes on an idle machine, or longer


def raised(error: BaseException, cause: BaseException | None = None) -> Callable[[Path], object]:
    def work(_: Path) -> object:
        raise error from cause

    return work


@pytest.mark.parametrize(
    ("error", "cause", "sentence"),
    [
        (MemoryError(), None, MEMORY_RAN_OUT),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), None, MEMORY_RAN_OUT),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory"), None, MEMORY_RAN_OUT),
        (ValueError("no batch"), MemoryError(), MEMORY_RAN_OUT),
        (OSError(errno.ENOMEM, "no memory"), None, MEMORY_RAN_OUT),
        (OSError(errno.ENOSPC, "no space"), None, DISK_IS_FULL),
        (OSError(errno.EDQUOT, "no quota"), None, DISK_IS_FULL),
        (RuntimeError("the archive is broken"), OSError(errno.ENOSPC, "no space"), DISK_IS_FULL),
        (TrainingFailed("Two examples are too few."), None, "Two examples are too few."),
        (ZeroDivisionError("by zero"), None, "the training stopped unexpectedly: ZeroDivisionError: by zero"),
    ],
)
def test_whatever_ends_a_training_is_told_in_a_sentence(
    error: BaseException, cause: BaseException | None, sentence: str, tmp_path: Path
) -> None:
    code = train.main([str(tmp_path)], raised(error, cause))

    assert code != 0
    assert read_failure(tmp_path, code) == sentence
    assert not (tmp_path / "report.json").exists()


def test_a_disk_without_room_for_the_reason_is_told_as_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def has_no_room(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(Path, "write_text", has_no_room)
    code = train.main([str(tmp_path)], raised(TrainingFailed("Two examples are too few.")))
    monkeypatch.undo()

    assert read_failure(tmp_path, code) == DISK_IS_FULL


@pytest.fixture
def shop(db: None) -> Catalog:
    """A shop with something to learn, whose first version serves."""
    catalog = make_catalog(key="shop")
    for n in range(80):
        word = "".join("abcdefghij"[int(digit)] for digit in f"{n:03}")
        make_product(catalog=catalog, sku=f"good-{n}", title=f"Norvik {word} bottle steel", has_good_title=True)
    make_version(scope="shop", number=1)
    folder = version_folder(settings.MODELS_FOLDER, "titler", "shop", 1)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    return catalog


def serving() -> int:
    """Return the serving version; its pointer must name it, and its folder stand whole."""
    publish_pointer("titler", "shop")  # as after the commit, which a test never sees
    number = ModelVersion.objects.serving().get().number
    assert json.loads(pointer_file(settings.MODELS_FOLDER, "titler", "shop").read_text()) == {"number": number}
    assert (version_folder(settings.MODELS_FOLDER, "titler", "shop", number) / "manifest.json").is_file()
    return number


class Here:
    """The real training in this process, which has loaded its libraries."""

    def train(self, run_folder: Path, heartbeat: Callable[[], None]) -> TrainingReport:
        if code := train.main([str(run_folder)], train.run):
            raise TrainingFailed(read_failure(run_folder, code))
        return read_report(run_folder)


def test_a_base_model_that_is_missing_fails_the_run_in_a_sentence(shop: Catalog, settings: LazySettings) -> None:
    settings.BASE_MODEL = "no such/base/model"  # a name about which no hub is asked

    run = execute_run(start_run("language_model", "shop").pk, Here())

    assert run.state == State.FAILED
    assert run.message.startswith("base model 'no such/base/model' is no folder and can not be fetched")
    assert run.message.endswith("mend the setting TITLELAB_BASE_MODEL")
    assert serving() == 1


@pytest.mark.parametrize("name", ["RUNS_FOLDER", "MODELS_FOLDER"])
def test_a_folder_that_can_not_be_written_fails_the_run_in_a_sentence(
    name: str, shop: Catalog, settings: LazySettings, tmp_path: Path
) -> None:
    whole = getattr(settings, name)
    (tmp_path / "file").touch()
    setattr(settings, name, tmp_path / "file")

    run = execute_run(start_run("template", "shop").pk, Here())

    setattr(settings, name, whole)
    assert run.state == State.FAILED
    assert run.message.startswith("The run's folder can't be used")
    assert serving() == 1


class Mortal(ChildProcessTrainer):
    """The real Trainer, whose child is killed after so many seconds if it still runs."""

    def __init__(self, dies_after_s: float) -> None:
        super().__init__()
        self.dies_after_s = dies_after_s

    def train(self, run_folder: Path, heartbeat: Callable[[], None]) -> TrainingReport:
        killer = threading.Timer(self.dies_after_s, self._kill, [str(run_folder)])
        killer.start()
        try:
            return super().train(run_folder, heartbeat)
        finally:
            killer.cancel()
            killer.join()

    def _kill(self, run_folder: str) -> None:
        for child in psutil.Process().children():
            if run_folder in child.cmdline():
                child.kill()


def test_a_training_that_is_killed_at_a_random_point_leaves_what_serves_and_is_trained_again(shop: Catalog) -> None:
    seed = time.time_ns() % 10_000
    print(f"points of death drawn with {seed}")  # noqa: T201 - to draw them again
    chance, ends = random.Random(seed), list[str]()

    for _ in range(N_DEATHS):
        run = execute_run(start_run("template", "shop").pk, Mortal(chance.uniform(0, LONGEST_LIFE_S)))
        ends.append(run.state)
        if run.state == State.FAILED:  # else it was quicker than its death
            assert run.message.startswith("The training process was killed")
            assert not ModelVersion.objects.filter(run=run).exists()
        assert serving() == 1
    last = execute_run(start_run("template", "shop").pk, ChildProcessTrainer())

    # What serves can't be loaded here, so that nothing was beaten: what passes waits for a click.
    assert set(ends) <= {State.FAILED, State.DONE, State.NOTHING}
    assert last.state == (State.NOTHING if State.DONE in ends else State.DONE)
    made = ModelVersion.objects.exclude(number=1).get()
    assert load_titler(version_folder(settings.MODELS_FOLDER, "titler", "shop", made.number))
    numbers = TrainingRun.objects.exclude(number=None).values_list("number", flat=True)
    assert len(numbers) == len(set(numbers))
