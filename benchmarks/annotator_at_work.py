"""Invented drafts in the real Label Studio, and an annotator who answers them by keyboard; see annotating.py."""

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django.utils.text import slugify
from playwright.sync_api import Response, expect

from benchmarks.annotating import Answer, figures
from benchmarks.spread import spread
from benchmarks.staging import SAMPLES
from ml_backend.contract import Brief, Candidate, CategoryScore, Draft, TagScore
from ml_backend.labelstudio.annotations import FinalValues, final_values
from tests.browser.annotating import AnnotatorPage
from tests.browser.chromium import chromium, running_chromium
from tests.browser.keyboard import Typist
from tests.integration.stack import answers, running, running_label_studio, wait_for
from titlelab.catalog.importing import import_file
from titlelab.catalog.models import Catalog
from titlelab.channels.loading import load_built_in_channels
from titlelab.channels.models import Channel
from titlelab.labelstudio.client import label_studio
from titlelab.labelstudio.label_config import MOST_AT_A_GLANCE
from titlelab.labelstudio.pushing import push_queue
from titlelab.review.categories import follow_categories
from titlelab.review.filling import fill_queue
from titlelab.review.models import ReviewQueue
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.publishing import changed

VERSION = "t1-g1.1"
ADDED = " extra"
GROUPS = ("Material", "Colour", "Room", "Use", "Season", "Style", "Feature", "Occasion")
# Names of parts, so that a tag is found by some letters of its name and not by the first, as in a shop's library.
FIRST = ("light", "heavy", "soft", "warm", "dry", "quick", "smart", "plain", "bright", "dark")
SECOND = ("cotton", "wool", "steel", "glass", "cork", "linen", "paper", "stone", "oak", "felt")
THIRD = ("home", "garden", "travel", "office", "sport")
STAYS, GOES, COMES = "light cotton home", "dry oak home", "warm stone home"  # the first two are proposed
KEY_OF_REASON = ("wrong facts", "w")
OTHER_PATH = ("Garden", "Benches")  # of no product of the sample


@contextmanager
def at_work() -> Iterator[AnnotatorPage]:
    """Run Label Studio, the ML backend, which projects are connected to, and a browser with the annotator logged in."""
    executable = chromium()
    if executable is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium, or make test-needs")
    call_command("migrate", verbosity=0)
    with running_label_studio(), running("ml-backend"), running_chromium(executable, width=1280, height=800) as browser:
        wait_for(lambda: answers(f"{settings.ML_BACKEND_URL}/health"), "the ML backend")
        page = AnnotatorPage(browser.new_page())
        page.log_in()
        yield page


def worked(page: AnnotatorPage, n_tags: int, n_answers: int, *, asks_for_category: bool = False) -> dict[str, object]:
    """Answer the tasks of a new project with n_tags tags, every kind of answer in turn, and return the figures."""
    kinds = category_ways() if asks_for_category else ways(is_large=n_tags > MOST_AT_A_GLANCE)
    queue = pushed_queue(n_tags, n_answers * len(kinds) + 1, asks_for_category=asks_for_category)
    page.open_stream(queue)
    task = page.page.locator(".lsf-current-task__task-id")
    found: dict[str, list[Answer]] = defaultdict(list)
    opening_s = []
    for _ in range(n_answers):
        for kind, (answer, is_right) in kinds.items():
            number = task.inner_text()
            found[kind].append(answered(page, answer, is_right))
            stored = time.perf_counter()
            expect(task).not_to_have_text(number)
            page.expect_ready()
            opening_s.append(time.perf_counter() - stored)
    return {"next_task_s": spread(opening_s), **{kind: figures(of_kind) for kind, of_kind in found.items()}}


Shown = tuple[str, list[str]]  # the title and the other candidates
Way = tuple[Callable[[Typist], object], Callable[[FinalValues, Shown], bool]]


def answered(page: AnnotatorPage, answer: Callable[[Typist], object], is_right: Callable[..., bool]) -> Answer:
    """Give one answer; fails where another one was stored."""
    shown, typist = (page.shown_title, page.candidates), Typist(page)
    started = time.perf_counter()
    with page.page.expect_response(_is_submission) as submission:
        answer(typist)
        typist.submit()
    seconds = time.perf_counter() - started
    final = final_values((submission.value.request.post_data_json or {}).get("result"))
    if not is_right(final, shown):
        raise SystemExit(f"another answer was stored than was given: {final}")
    return Answer(seconds=seconds, n_presses=typist.n_presses, n_strokes=typist.n_strokes, n_units=typist.n_units)


def _is_submission(response: Response) -> bool:
    return response.request.method == "POST" and bool(re.search(r"/api/tasks/\d+/annotations", response.url))


def ways(*, is_large: bool) -> Mapping[str, Way]:
    """Return each kind of answer: how it is given, and how it is known again in what was stored."""
    change_tags = Typist.find_tags if is_large else Typist.change_tags
    return {
        "accept": (lambda _: None, lambda final, shown: final.title == shown[0] and set(final.tags) == {STAYS, GOES}),
        "edit": (lambda typist: typist.append_to_title(ADDED), lambda final, shown: final.title == shown[0] + ADDED),
        "tags": (lambda typist: change_tags(typist, COMES, GOES), lambda final, _: set(final.tags) == {STAYS, COMES}),
        "candidate": (lambda typist: typist.pick_candidate(1), lambda final, shown: final.candidate == shown[1][0]),
        "reject": (lambda typist: typist.reject(*KEY_OF_REASON), lambda final, _: final.reject_reason == "wrong facts"),
    }


def category_ways() -> Mapping[str, Way]:
    """Return the answer that takes the second likeliest category."""
    return {
        "category": (lambda typist: typist.pick_category("8"), lambda final, _: final.picked_category == OTHER_PATH)
    }


def tag_names(n: int) -> list[str]:
    """Return n names, those of the answers first."""
    made = (f"{first} {second} {third}" for third in THIRD for second in SECOND for first in FIRST)
    return list(dict.fromkeys([STAYS, GOES, COMES, *made]))[:n]


def pushed_queue(n_tags: int, n_tasks: int, *, asks_for_category: bool) -> ReviewQueue:
    """Make a catalog with a library of n_tags tags, and push n_tasks of its products with invented drafts."""
    load_built_in_channels()
    name = f"{n_tags} tags{' and categories' if asks_for_category else ''}"
    library = TagLibrary.objects.create(key=slugify(name), name=name)
    names = enumerate(tag_names(n_tags))
    Tag.objects.bulk_create(Tag(library=library, name=name, group=GROUPS[n % len(GROUPS)]) for n, name in names)
    changed(library)
    channel = Channel.objects.get(key="google")
    catalog = Catalog.objects.create(
        key=library.key, name=name, library=library, channel=channel, asks_for_category=asks_for_category
    )
    file = SAMPLES / "sample-en.jsonl"
    import_file(catalog, file, file_name=file.name)
    follow_categories()
    queue = ReviewQueue.objects.create(name=name, catalog=catalog, working_set=n_tasks, blind_share=0)
    source = InventedDrafts(has_categories=asks_for_category)
    fill_queue(queue, source, rng=np.random.default_rng(0), now=timezone.now())
    push_queue(queue, label_studio(), source)
    return queue


class InventedDrafts:
    """Drafts up to four titles of a product's brand and attributes, and two tags; implements DraftSource."""

    def __init__(self, *, has_categories: bool) -> None:
        self._has_categories = has_categories

    def drafts(self, briefs: Sequence[Brief]) -> list[Draft]:
        """Return one draft per brief."""
        return [_draft(brief, has_categories=self._has_categories) for brief in briefs]

    def version(self, catalog: str, library: str) -> str:  # noqa: ARG002
        """Return the one version there is."""
        return VERSION


def _draft(brief: Brief, *, has_categories: bool) -> Draft:
    words = [brief.brand, *(value.partition(",")[0] for _, value in brief.attributes[:4]), brief.sku]
    titles = dict.fromkeys(" ".join(words[cut:]) for cut in range(4))
    paths = dict.fromkeys([brief.category, OTHER_PATH]) if has_categories else ()
    reasons = (f"brand: {brief.brand}",)
    return Draft(
        sku=brief.sku,
        version=VERSION,
        titler_version=1,
        tagger_version=1,
        candidates=tuple(Candidate(title=title, score=-n, reasons=reasons) for n, title in enumerate(titles)),
        tags=tuple(TagScore(name=name, proba=0.9, threshold=0.5) for name in (STAYS, GOES)),
        title_uncertainty=0.5,
        tag_uncertainty=0.5,
        categories=tuple(CategoryScore(path=path, proba=0.4) for path in paths),
    )
