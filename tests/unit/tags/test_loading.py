"""What a file makes of a tag library, and what the ML backend is told of it."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ml_backend.contract import PublishedLibrary, TagSpec, from_json, library_file
from tests.factories import make_library
from titlelab.errors import BadFile, BadSetting
from titlelab.tags.loading import load_library, read_library
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.publishing import active_tags, changed, publish

pytestmark = pytest.mark.django_db(transaction=True)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: str | bytes, name: str = "tags.csv") -> Path:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return write


def published(settings: Settings, key: str) -> PublishedLibrary:
    return from_json(PublishedLibrary, json.loads(library_file(settings.MODELS_FOLDER, key).read_text()))


def test_a_csv_file_makes_a_library_and_publishes_it(write: Write, settings: Settings) -> None:
    library = load_library(write("\ufeffname,group,aliases\nwarm,season,cosy| hot |\ndry,,\n"), key="outdoor")

    assert (library.name, library.language, library.revision) == ("outdoor", "en", 2)
    assert published(settings, "outdoor") == PublishedLibrary(
        key="outdoor",
        revision=2,
        tags=(TagSpec(name="dry"), TagSpec(name="warm", group="season", aliases=("cosy", "hot"))),
    )


def test_a_json_file_tells_name_and_language(write: Write) -> None:
    file = {
        "name": "厨房",
        "language": "zh",
        "tags": ["防水", {"name": "不锈钢", "group": "材质", "aliases": ["304钢"]}],
    }

    library = load_library(write(json.dumps(file), "tags.json"), key="kitchen-zh")

    assert (library.name, library.language) == ("厨房", "zh")
    assert list(library.tags.values_list("name", "group", "aliases")) == [
        ("防水", "", []),
        ("不锈钢", "材质", ["304钢"]),
    ]


def test_loading_again_follows_groups_and_aliases_and_keeps_names_states_and_other_tags(write: Write) -> None:
    library = make_library(
        key="outdoor", tags=["Warm", {"name": "old", "state": Tag.State.RETIRED}, {"name": "own", "group": "mine"}]
    )

    load_library(write("name,group,aliases\nwarm,season,cosy\nold,,ancient\n"), key="outdoor")

    tags = library.tags.order_by("name").values_list("name", "group", "aliases", "state")
    assert list(tags) == [
        ("Warm", "season", ["cosy"], "active"),
        ("old", "", ["ancient"], "retired"),
        ("own", "mine", [], "active"),
    ]


def test_only_a_change_that_models_see_gives_a_new_revision(write: Write, settings: Settings) -> None:
    make_library(key="outdoor", tags=["warm", {"name": "old", "state": Tag.State.RETIRED}], revision=5)

    same = load_library(write("name\nwarm\n"), key="outdoor").revision
    retired = load_library(write("name,group\nold,things\n"), key="outdoor").revision
    active = load_library(write("name,group\nwarm,season\n"), key="outdoor").revision

    assert (same, retired, active) == (5, 5, 6)
    assert published(settings, "outdoor").revision == 6


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        ("name\n\n,x\n", "t.csv", "line 3: has more cells than the first line names"),
        ("name,group\n,x\n", "t.csv", "line 2: name is missing"),
        ("name\nwarm\nWARM\n", "t.csv", "line 3: 'WARM' stands twice"),
        ("name\n" + "w" * 101, "t.csv", "line 2: name has 101 characters, 100 at most"),
        ("name\nwa\x07rm\n", "t.csv", "line 2: name 'wa\\x07rm' holds a control character or |"),
        ("name\na|b\n", "t.csv", "line 2: name 'a|b' holds a control character or |"),
        ("tag\nwarm\n", "t.csv", "no column is named name; the first line names tag"),
        ("name,Name\nwarm,cold\n", "t.csv", "the first line names a column twice: name, name"),
        ("name\nwa\u2028rm\n", "t.csv", "line 2: name 'wa\\u2028rm' holds a control character or |"),
        ('name\n"warm\n', "t.csv", "line 2: unexpected end of data"),
        ("name\n", "t.csv", "t.csv holds no tags"),
        ("", "t.csv", "no column is named name"),
        (b"name\nwarm\ncaf\xe9\n", "t.csv", "t.csv: line 3 is not UTF-8"),
        ("[]", "t.json", "a tag library is an object such as"),
        ('{"tags": 3}', "t.json", "a tag library is an object such as"),
        ("{", "t.json", "not JSON"),
        ("[" * 100_000, "t.json", "not JSON"),
        ('{"tags": [3]}', "t.json", "tag 1: is neither a name nor an object"),
        ('{"tags": [{"name": 3}]}', "t.json", "tag 1: name must be text"),
        ('{"tags": [{"name": "a", "aliases": "b"}]}', "t.json", "tag 1: aliases must be a list"),
        ('{"tags": [{"name": "a", "aliases": [null, 1]}]}', "t.json", "tag 1: alias must be text"),
        ('{"tags": [{"name": "\\ud800"}]}', "t.json", "tag 1: name '\\ud800' holds a control character or |"),
        ('{"language": "English, mostly", "tags": ["a"]}', "t.json", "language 'English, mostly' is not a tag"),
        ("name\nwarm\n", "t.xlsx", "t.xlsx: a tag library's name must end in .csv or .json"),
    ],
)
def test_a_wrong_file_is_refused_with_place_and_reason(
    write: Write, content: str | bytes, name: str, reason: str
) -> None:
    file = write(content, name)

    with pytest.raises(BadFile) as refused:
        read_library(file)

    assert str(refused.value).startswith(reason)


def test_the_first_five_reasons_are_told_and_nothing_changes(write: Write) -> None:
    with pytest.raises(BadFile) as refused:
        load_library(write("name,group\ngood,\n" + ",x\n" * 7), key="outdoor")

    assert str(refused.value).count("name is missing") == 5
    assert str(refused.value).endswith("(and 2 more)")
    assert not TagLibrary.objects.exists()


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tags.csv")

    with pytest.raises(BadFile, match="is no file"):
        read_library(tmp_path / "tags.csv")


def test_a_key_that_is_no_folder_name_is_refused(write: Write) -> None:
    with pytest.raises(BadFile, match="is no key"):
        load_library(write("name\nwarm\n"), key="../models")


def test_only_active_tags_are_published(settings: Settings) -> None:
    library = make_library(tags=["warm", {"name": "new", "state": "proposed"}, {"name": "old", "state": "retired"}])

    publish(library)

    assert [tag.name for tag in active_tags(library)] == ["warm"]
    assert [tag.name for tag in published(settings, library.key).tags] == ["warm"]


def test_two_changes_read_before_either_was_written_give_two_revisions(settings: Settings) -> None:
    library = make_library()
    stale = TagLibrary.objects.get(pk=library.pk)

    changed(library)
    changed(stale)

    assert published(settings, library.key).revision == 3


def test_a_folder_that_can_not_be_written_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.MODELS_FOLDER = tmp_path / "file"

    with pytest.raises(BadSetting, match="the tag library can't be written to"):
        publish(make_library())


def test_publishing_leaves_nothing_beside_the_file(settings: Settings) -> None:
    library = make_library()

    publish(library)
    publish(library)

    assert [file.name for file in (settings.MODELS_FOLDER / "libraries").iterdir()] == [f"{library.key}.json"]


def test_the_command_tells_what_it_loaded_or_why_not(write: Write) -> None:
    out = io.StringIO()

    call_command("load_tag_library", write("name\nwarm\ndry\n"), key="outdoor", name="Outdoor", stdout=out)

    assert out.getvalue() == "Outdoor: 2 active tags, revision 2\n"
    with pytest.raises(CommandError, match="holds no tags"):
        call_command("load_tag_library", write("name\n"), key="outdoor")
