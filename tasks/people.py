"""Brings people's accounts to Label Studio; what is yet to be done stands in their rows."""

from django.db import OperationalError

from titlelab.celery import app
from titlelab.errors import LabelStudioUnreachable
from titlelab.labelstudio.client import label_studio
from titlelab.people import settling
from titlelab.people.models import LabelStudioAccount


@app.task(autoretry_for=(LabelStudioUnreachable, OperationalError), retry_backoff=True, max_retries=6)
def settle_account(account_id: int) -> bool:
    """Make, open or close one account in Label Studio; safe to repeat. False if Label Studio refused."""
    account = LabelStudioAccount.objects.select_related("user").get(pk=account_id)
    return settling.settle(account, label_studio())
