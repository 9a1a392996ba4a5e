"""Brings accounts in Label Studio to what the people here are: made, open or closed."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Q, QuerySet
from django.utils import timezone

from titlelab.errors import LabelStudioRefused
from titlelab.labelstudio.client import LabelStudio
from titlelab.people.inviting import initial_password
from titlelab.people.models import LabelStudioAccount

State = LabelStudioAccount.State
# Also told when the answer to the first try was lost; the initial password then works all the same.
OLDER = "An account of this address stood there already: if it is older than the invitation, its own password holds."


def unsettled() -> QuerySet[LabelStudioAccount]:
    """Return the accounts that are not yet in Label Studio what their people are here."""
    is_open = Q(user__is_active=True) & ~Q(state=State.OPEN)
    is_closed = Q(user__is_active=False) & ~Q(state=State.CLOSED)
    return LabelStudioAccount.objects.filter(is_open | is_closed).order_by("pk")


def settle(account: LabelStudioAccount, studio: LabelStudio) -> bool:
    """Make, open or close the account as its person is now; safe to repeat. False if Label Studio refused.

    Its refusal stands in the row, and the next try may go better. Raises LabelStudioUnreachable.
    """
    try:
        if account.user.is_active:
            _open(account, studio)
        else:
            _close(account, studio)
    except LabelStudioRefused as e:
        _row(account).update(problem=str(e)[:500])
        return False
    return True


def person_of(email: str) -> User | None:
    """Return who annotates under an address, if the person was invited here."""
    account = LabelStudioAccount.objects.select_related("user").filter(email=email.lower()).first()
    return account.user if account else None


def names_of(user: AbstractBaseUser | AnonymousUser) -> list[str]:
    """Return the names under which a person may stand in the ledger, the one that is written there first."""
    account = LabelStudioAccount.objects.filter(user=user.pk).values_list("email", flat=True).first()
    return [name for name in (getattr(user, "email", ""), user.get_username(), account) if name]


def _open(account: LabelStudioAccount, studio: LabelStudio) -> None:
    """Make the account with the initial password, or let the one that stands sign in with its own."""
    seed = account.secret_seed
    is_new = bool(seed) and studio.make_account(account.email, initial_password(seed))
    found = account.label_studio_id or _id(account, studio)
    if found is None:
        raise LabelStudioRefused(f"Label Studio has no account {account.email}, nor made one")
    if not is_new:
        studio.open_account(found)
    _row(account).update(
        state=State.OPEN,
        label_studio_id=found,
        secret_seed="",
        problem=OLDER if seed and not is_new else "",
        settled_at=timezone.now(),
    )


def _close(account: LabelStudioAccount, studio: LabelStudio) -> None:
    found = account.label_studio_id or _id(account, studio)
    if found is not None:
        studio.close_account(found)
    _row(account).update(state=State.CLOSED, label_studio_id=found, problem="", settled_at=timezone.now())


def _id(account: LabelStudioAccount, studio: LabelStudio) -> int | None:
    return next((user_id for user_id, email in studio.people().items() if email.lower() == account.email), None)


def _row(account: LabelStudioAccount) -> QuerySet[LabelStudioAccount]:
    return LabelStudioAccount.objects.filter(pk=account.pk)
