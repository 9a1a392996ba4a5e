"""Who is mailed about what, once, whatever breaks in between."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from pytest_django import Settings

from tests.factories import make_catalog
from tests.unit.alerts.post_office import Mailbox, NoSuchMailbox, post_office
from tests.unit.alerts.scenes import make_alert
from tests.unit.web.worlds import make_person
from titlelab.alerts.addressing import recipients, unreachable
from titlelab.alerts.mailing import MOST_TRIES, send_letters, write_letters
from titlelab.alerts.models import Alert, AlertRule, Letter
from titlelab.alerts.opening import acknowledge
from titlelab.people.roles import ANNOTATOR, CATALOG_ADMIN, ML_ADMIN

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
HOUR = dt.timedelta(hours=1)


class BrokenServer(EmailBackend):
    """A mail server that takes nothing."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError("nobody listens there")


class ForgetfulWorker(EmailBackend):
    """A worker that dies when the server has taken the mail, before it can note it."""

    def send_messages(self, messages: Any) -> int:
        super().send_messages(messages)
        raise SystemExit


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://mail.shop.example"
    settings.TITLELAB_URL = "https://titles.shop.example"


def mail(at: dt.datetime = NOW) -> None:
    write_letters(at)
    send_letters(at)


def to(mailoutbox: list[Any]) -> list[str]:
    return sorted(address for message in mailoutbox for address in message.to)


def test_an_alert_is_mailed_once_to_whom_its_rule_names_and_who_works_there(mailoutbox: list[Any]) -> None:
    here, elsewhere = make_catalog(), make_catalog()
    make_person(ML_ADMIN, [here], name="ml@shop.example")
    make_person(ML_ADMIN, [elsewhere], name="other-ml@shop.example")
    make_person(CATALOG_ADMIN, [here], name="admin@shop.example")
    make_alert(here)

    mail()
    mail(NOW + HOUR)

    assert to(mailoutbox) == ["ml@shop.example"]
    assert Alert.objects.get().mailed_at == NOW
    assert Letter.objects.get().sent_at is not None


def test_the_mail_says_what_since_when_where_and_how_to_end_it(mailoutbox: list[Any]) -> None:
    catalog = make_catalog()
    make_person(ML_ADMIN, [catalog])
    alert = make_alert(catalog, opened_at=dt.datetime(2026, 7, 30, 12, tzinfo=dt.UTC))

    mail()

    (message,) = mailoutbox
    assert message.subject == "[TitleLab] The last Template run of shop failed: The disk is full."
    assert message.body.startswith(
        "The last Template run of shop failed: The disk is full.\n"
        "Since 2026-07-30 12:00 UTC.\n"
        f"https://titles.shop.example/admin/alerts/alert/{alert.pk}/change/\n"
    )
    assert "“Acknowledge” on an alert's page" in message.body
    assert "https://titles.shop.example/admin/alerts/alertrule/" in message.body
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_what_opens_together_is_one_mail(mailoutbox: list[Any]) -> None:
    catalog = make_catalog()
    make_person(ML_ADMIN, [catalog])
    for _ in range(3):
        make_alert(catalog)

    mail()

    assert [message.subject for message in mailoutbox] == ["[TitleLab] 3 alerts"]


def test_the_mail_is_in_the_language_that_is_set(mailoutbox: list[Any], settings: Settings) -> None:
    settings.LANGUAGE_CODE = "zh-hans"
    catalog = make_catalog()
    make_person(ML_ADMIN, [catalog])
    make_alert(catalog, opened_at=dt.datetime(2026, 7, 30, 12, tzinfo=dt.UTC))

    mail()

    assert "次模板训练失败" in mailoutbox[0].body


def test_where_nobody_is_named_superusers_are_mailed(mailoutbox: list[Any]) -> None:
    User.objects.create(username="boss", email="boss@shop.example", is_superuser=True)
    User.objects.create(username="clerk", email="clerk@shop.example", is_staff=True)
    make_alert()

    mail()

    assert to(mailoutbox) == ["boss@shop.example"]


def test_nobody_is_mailed_who_may_not_see_the_catalog() -> None:
    here = make_catalog()
    rule = AlertRule.objects.create(
        kind="run_failed", catalog=here, mail_roles=[ANNOTATOR, ML_ADMIN],
        mail_also=["Outsider@shop.example", "colleague@shop.example"],
    )  # fmt: skip
    make_person(ANNOTATOR, [here], name="annotator@shop.example")  # may see no alerts
    make_person(CATALOG_ADMIN, [make_catalog()], name="outsider@shop.example")
    colleague = make_person(CATALOG_ADMIN, [here], name="colleague@shop.example")
    gone = make_person(ML_ADMIN, [here], name="gone@shop.example")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    silent = make_person(ML_ADMIN, [here], name="silent@shop.example")
    User.objects.filter(pk=silent.pk).update(email="")

    assert recipients(make_alert(here, rule=rule)) == [colleague]
    assert unreachable(rule.mail_also, here) == ["Outsider@shop.example"]
    assert unreachable(["outsider@shop.example", "nobody@shop.example"], None) == ["nobody@shop.example"]


@pytest.mark.parametrize("loss", ["catalog", "role", "address", "account"])
def test_who_lost_the_right_before_the_letter_was_sent_gets_none(loss: str, mailoutbox: list[Any]) -> None:
    catalog = make_catalog()
    person = make_person(ML_ADMIN, [catalog])
    make_alert(catalog)
    write_letters(NOW)
    if loss == "catalog":
        person.catalog_accesses.all().delete()
    elif loss == "role":
        person.groups.clear()
    else:
        User.objects.filter(pk=person.pk).update(**({"email": ""} if loss == "address" else {"is_active": False}))

    send_letters(NOW)

    assert mailoutbox == []
    assert not Letter.objects.exists()


def test_acknowledging_ends_mails(mailoutbox: list[Any]) -> None:
    catalog = make_catalog()
    person = make_person(ML_ADMIN, [catalog])
    acknowledge(make_alert(catalog), person.pk)

    mail()

    assert mailoutbox == []


def test_a_rule_may_remind(mailoutbox: list[Any]) -> None:
    catalog = make_catalog()
    make_person(ML_ADMIN, [catalog])
    AlertRule.objects.update(remind_after_days=2)
    alert = make_alert(catalog)

    for day in range(5):
        mail(NOW + day * 24 * HOUR)

    assert len(mailoutbox) == 3  # days 0, 2 and 4
    alert.refresh_from_db()
    assert alert.mailed_at == NOW + 4 * 24 * HOUR


def test_without_mail_nothing_is_marked_so_that_it_is_mailed_once_there_is(
    mailoutbox: list[Any], settings: Settings
) -> None:
    catalog = make_catalog()
    make_person(ML_ADMIN, [catalog])
    make_alert(catalog)
    settings.EMAIL_URL = ""
    mail()
    assert (mailoutbox, Letter.objects.count()) == ([], 0)

    settings.EMAIL_URL = "smtp://mail.shop.example"
    mail()

    assert len(mailoutbox) == 1


def test_a_crash_while_letters_are_written_leaves_neither_mark_nor_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = make_catalog()
    make_person(ML_ADMIN, [catalog])
    make_alert(catalog)

    def die(*_: Any, **__: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(Letter.objects, "create", die)
        with pytest.raises(SystemExit):
            write_letters(NOW)

    assert (Alert.objects.get().mailed_at, Letter.objects.count()) == (None, 0)
    assert write_letters(NOW) == 1


def test_a_crash_before_the_mark_sends_the_same_letter_again(mailoutbox: list[Any], settings: Settings) -> None:
    catalog = make_catalog()
    make_person(ML_ADMIN, [catalog])
    make_alert(catalog)
    write_letters(NOW)
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.ForgetfulWorker"
    with pytest.raises(SystemExit):
        send_letters(NOW)
    settings.EMAIL_BACKEND = backend

    send_letters(NOW + dt.timedelta(minutes=5))  # claimed: it might still be on its way
    assert len(mailoutbox) == 1
    send_letters(NOW + HOUR)
    send_letters(NOW + 2 * HOUR)

    first, second = (message.message()["Message-ID"] for message in mailoutbox)
    assert first == second


def test_a_letter_that_the_server_does_not_take_is_tried_later_and_later(
    mailoutbox: list[Any], settings: Settings
) -> None:
    catalog = make_catalog()
    make_person(ML_ADMIN, [catalog])
    make_alert(catalog)
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.BrokenServer"
    mail()
    letter = Letter.objects.get()
    assert (letter.n_tries, letter.problem, letter.sent_at) == (1, "nobody listens there", None)
    send_letters(NOW + dt.timedelta(minutes=4))
    send_letters(NOW + dt.timedelta(minutes=6))
    assert Letter.objects.get().n_tries == 2

    settings.EMAIL_BACKEND = backend
    mail(NOW + HOUR)

    assert len(mailoutbox) == 1
    assert Letter.objects.get().problem == ""


def test_a_letter_is_given_up_after_some_days(settings: Settings) -> None:
    catalog = make_catalog()
    make_person(ML_ADMIN, [catalog])
    make_alert(catalog)
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"
    write_letters(NOW)

    for hours in range(200):
        send_letters(NOW + hours * HOUR)

    letter = Letter.objects.get()
    assert letter.n_tries == MOST_TRIES
    assert letter.given_up_at is not None
    assert letter.given_up_at < NOW + 96 * HOUR


def test_a_real_mail_server_gets_a_whole_message(settings: Settings) -> None:
    mailbox = Mailbox()
    catalog = make_catalog(name="Läden 店")
    make_person(ML_ADMIN, [catalog])
    make_alert(catalog, data={"method": "template", "scope": "店", "run_id": 1, "n": 1, "reason": "磁盘已满。"})
    with post_office(mailbox, settings):
        mail()
        mail(NOW + HOUR)

    (message,) = mailbox.got
    assert (message["To"], message["From"]) == ("me@shop.example", settings.DEFAULT_FROM_EMAIL)
    assert message["Subject"].strip() == "[TitleLab] The last Template run of 店 failed: 磁盘已满。"
    assert "磁盘已满。" in message.get_content()
    assert message["Message-ID"].endswith("@titles.shop.example>")


def test_a_mail_server_that_refuses_leaves_the_letter_with_its_reason(settings: Settings) -> None:
    catalog = make_catalog()
    make_person(ML_ADMIN, [catalog])
    make_alert(catalog)
    with post_office(NoSuchMailbox(), settings):
        mail()

    assert "no such mailbox" in Letter.objects.get().problem
