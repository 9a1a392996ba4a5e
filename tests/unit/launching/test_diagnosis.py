"""What the doctor says of mail."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from tests.unit.alerts.post_office import Mailbox, post_office
from titlelab.alerts.models import Letter
from titlelab.launching.diagnosis import Finding, mail

pytestmark = pytest.mark.django_db


def test_no_mail_is_no_problem_but_told(settings: Settings) -> None:
    settings.EMAIL_URL = ""

    (found,) = mail()

    assert "none is set up" in found.seen
    assert found.remedy == ""


def test_a_mail_server_that_answers_is_well(settings: Settings) -> None:
    with post_office(Mailbox(), settings):
        (found,) = mail()

    assert found == Finding(part="mail", seen=f"127.0.0.1:{settings.EMAIL_PORT} takes mail from titlelab@localhost")


def test_a_mail_server_that_is_not_there_is_a_problem(settings: Settings) -> None:
    with post_office(Mailbox(), settings):
        pass  # its port is free again

    (found,) = mail()

    assert "does not let us in: [Errno 111] Connection refused" in found.seen
    assert found.remedy


def test_letters_that_were_not_taken_are_told_with_their_reason(settings: Settings) -> None:
    anna = User.objects.create(username="anna")
    Letter.objects.create(user=anna, written_at=timezone.now(), problem="550 no such mailbox")

    with post_office(Mailbox(), settings):
        _, found = mail()

    assert found.seen == "1 letters were not taken, the last to anna: 550 no such mailbox"
    assert found.remedy
