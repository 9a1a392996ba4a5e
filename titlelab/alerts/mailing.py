"""Mails alerts: each once to each person, and again only where a rule says so.

Writing and sending are two steps. In one transaction alerts are marked as mailed and their letters are stored, so that
a crash leaves both or neither. A letter is then claimed, given to the mail server, and marked as sent. A crash between
the server's answer and the mark can't be told from one before it: the letter is then sent again, under the same
Message-ID, by which mailboxes know a twin. So a letter is never lost, and doubled at most by a crash in that moment.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from email.utils import formatdate
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from titlelab.alerts.addressing import SEE, recipients
from titlelab.alerts.models import Alert, Letter
from titlelab.alerts.sentences import sentence
from titlelab.people.languages import chosen_language
from titlelab.people.rights import may, visible

logger = logging.getLogger(__name__)
CLAIM = dt.timedelta(minutes=10)  # far longer than EMAIL_TIMEOUT, so that no letter is in two hands
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=5), dt.timedelta(hours=6)
MOST_TRIES = 16  # about three days: an alert that is older has been seen in the admin
LONGEST_SUBJECT = 150


def write_letters(now: dt.datetime) -> int:
    """Store a letter to each person who is to be told of something; return how many.

    Nothing is written, and nothing marked, while no mail is set up: what is still open then is mailed when it is.
    """
    if not settings.EMAIL_URL:
        return 0
    with transaction.atomic():
        told: dict[int, list[Alert]] = {}
        for alert in _due(now):
            people = recipients(alert)
            unchanged = Alert.objects.unheard().filter(pk=alert.pk, mailed_at=alert.mailed_at)
            if people and unchanged.update(mailed_at=now):
                for person in people:
                    told.setdefault(person.pk, []).append(alert)
        for user_id, alerts in told.items():
            Letter.objects.create(user_id=user_id, written_at=now).alerts.set(alerts)
    return len(told)


def send_letters(now: dt.datetime) -> int:
    """Give the mail server what waits; return how many letters it took. The others are tried again, later and later."""
    letters = list(Letter.objects.free(now).select_related("user")) if settings.EMAIL_URL else []
    return sum(_send(letter, now) for letter in letters)


def _due(now: dt.datetime) -> list[Alert]:
    """Return the open alerts that nobody was told of yet, or for so long that the rule reminds."""
    watched = Alert.objects.unheard().filter(rule__isnull=False).select_related("rule", "catalog").order_by("pk")
    return [alert for alert in watched if alert.mailed_at is None or _reminds(alert, now)]


def _reminds(alert: Alert, now: dt.datetime) -> bool:
    days = alert.rule.remind_after_days if alert.rule else None
    return days is not None and alert.mailed_at is not None and alert.mailed_at <= now - dt.timedelta(days=days)


def _send(letter: Letter, now: dt.datetime) -> bool:
    if not _row(letter, now).update(busy_until=now + CLAIM):
        return False
    alerts = _alerts_for(letter)
    if not alerts:  # acknowledged, or no longer theirs to see
        letter.delete()
        return False
    try:
        with translation.override(chosen_language(letter.user) or settings.LANGUAGE_CODE):
            message(letter, alerts).send()
    except (SMTPException, OSError) as e:
        _put_off(letter, str(e), now)
        return False
    Letter.objects.filter(pk=letter.pk).update(sent_at=timezone.now(), problem="", busy_until=None)
    return True


def message(letter: Letter, alerts: Sequence[Alert]) -> EmailMessage:
    """Return the mail that a letter is, in the language that is set."""
    said = [sentence(alert.kind, alert.data) for alert in alerts]
    subject = said[0] if len(said) == 1 else ngettext("%(n)s alert", "%(n)s alerts", len(said)) % {"n": len(said)}
    return EmailMessage(
        subject=_one_line(f"[TitleLab] {subject}"),
        body="\n\n".join([*map(_paragraph, alerts, said), _foot()]) + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[letter.user.email],
        connection=get_connection(timeout=settings.EMAIL_TIMEOUT),
        headers={
            "Message-ID": _message_id(letter),
            "Date": formatdate(letter.written_at.timestamp()),
            "Auto-Submitted": "auto-generated",  # RFC 3834: no answers of robots
        },
    )


def _alerts_for(letter: Letter) -> list[Alert]:
    """Return what the person is still to be told of: not what somebody acknowledged, nor what was taken from sight."""
    user: User = letter.user
    if not user.is_active or not user.email or not may(user, SEE):
        return []
    return list(visible(letter.alerts.filter(acknowledged_at=None), user).order_by("pk"))


def _paragraph(alert: Alert, said: str) -> str:
    address = settings.TITLELAB_URL.rstrip("/") + reverse("admin:alerts_alert_change", args=[alert.pk])
    since = _("Since %(moment)s.") % {"moment": _moment(alert.opened_at)}
    over = _("Over since %(moment)s.") % {"moment": _moment(alert.closed_at)} if alert.closed_at else ""
    return "\n".join(filter(None, [said, f"{since} {over}".rstrip(), address]))


def _foot() -> str:
    address = settings.TITLELAB_URL.rstrip("/") + reverse("admin:alerts_alertrule_changelist")
    return (
        _("You are told once. “Acknowledge” on an alert's page ends all mails about it; what is mailed to whom: %s")
        % address
    )


def _message_id(letter: Letter) -> str:
    """Return the same identifier for every try."""
    host = urlsplit(settings.TITLELAB_URL).hostname or "localhost"
    return f"<alerts.{letter.pk}.{int(letter.written_at.timestamp())}@{host}>"


def _put_off(letter: Letter, problem: str, now: dt.datetime) -> None:
    wait = min(FIRST_WAIT * 2**letter.n_tries, LONGEST_WAIT)
    n_tries = letter.n_tries + 1
    logger.warning("the mail server did not take letter %d, try %d: %s", letter.pk, n_tries, problem)
    Letter.objects.filter(pk=letter.pk).update(
        n_tries=n_tries,
        problem=problem[:500],
        busy_until=now + wait,
        given_up_at=now if n_tries >= MOST_TRIES else None,
    )


def _row(letter: Letter, now: dt.datetime) -> QuerySet[Letter]:
    """Guarded: another worker may be sending it."""
    return Letter.objects.free(now).order_by().filter(pk=letter.pk)


def _moment(at: dt.datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M %Z}"  # a mail may be read in another zone


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"
