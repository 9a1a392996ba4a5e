"""Lets people in and out: their account here, role, catalogs, and what is to be done for them in Label Studio.

What is done there, settling.py does, from the row that is written here.
"""

import secrets
from base64 import b32encode
from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from titlelab.catalog.models import Catalog
from titlelab.errors import NotPossibleNow
from titlelab.people.models import CatalogAccess, LabelStudioAccount
from titlelab.people.rights import catalogs as catalogs_of
from titlelab.people.rights import outranks, sees_every_catalog
from titlelab.people.roles import ROLES, WORK_IN_LABEL_STUDIO

PASSWORD_LETTERS = 20  # of 5 bits each


def roles_to_give(user: User) -> list[str]:
    """Return the roles that a person may give to others: nobody gives what he may not do himself."""
    mine = user.get_all_permissions()
    return [role for role, permissions in ROLES.items() if permissions <= mine]


@transaction.atomic
def invite(by: User, *, email: str, role: str, catalogs: Sequence[Catalog]) -> tuple[User, str]:
    """Make a person's account; return it and its initial password, which is stored nowhere: show it now.

    Where the role works in Label Studio, a LabelStudioAccount waits to be settled; it will have the same initial
    password. Raises NotPossibleNow when the address is taken, or the role or a catalog is not `by`'s to give.
    """
    email = email.strip().lower()
    _require_right(by, role, catalogs)
    _require_new(email)
    seed = secrets.token_hex(16)
    password = initial_password(seed)
    user = User.objects.create_user(username=email[:150], email=email, password=password, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    CatalogAccess.objects.bulk_create(CatalogAccess(user=user, catalog=catalog) for catalog in catalogs)
    if role in WORK_IN_LABEL_STUDIO:
        LabelStudioAccount.objects.create(user=user, email=email, secret_seed=seed)
    return user, password


@transaction.atomic
def give_studio_account(by: User, user: User) -> str:
    """Have an account in Label Studio made for a person who has none; return its initial password: show it now.

    Raises NotPossibleNow for whom `by` does not outrank, who is deactivated or has no address, and for a taken one.
    """
    if by.pk != user.pk and not outranks(by, user):
        raise NotPossibleNow(f"{user} works on more than you do: ask a superuser.")
    email = user.email.strip().lower()
    if not user.is_active or not email:
        raise NotPossibleNow("Label Studio signs people in by their e-mail: they need one here, and to be active.")
    _require_new_in_studio(email)
    if LabelStudioAccount.objects.filter(user=user).exists():
        raise NotPossibleNow(f"{email} has an account in Label Studio already.")
    seed = secrets.token_hex(16)
    LabelStudioAccount.objects.create(user=user, email=email, secret_seed=seed)
    return initial_password(seed)


def initial_password(seed: str) -> str:
    """Return the password that the seed makes with this installation's secret key: either alone tells nothing."""
    digest = salted_hmac("titlelab.people.initial_password", seed, algorithm="sha256").digest()
    return b32encode(digest).decode().lower()[:PASSWORD_LETTERS]


def deactivate(by: User, user: User) -> None:
    """Close a person's account here at once; the one in Label Studio waits to be settled.

    Raises NotPossibleNow for oneself, and for whom one does not outrank.
    """
    if user.pk == by.pk:
        raise NotPossibleNow("Nobody deactivates himself.")
    _set_active(by, user, is_active=False)


def reactivate(by: User, user: User) -> None:
    """Let a person in again, with the password of before. Raises NotPossibleNow for whom one does not outrank."""
    _set_active(by, user, is_active=True)


def _set_active(by: User, user: User, *, is_active: bool) -> None:
    if not outranks(by, user):
        raise NotPossibleNow(f"{user} works on more than you do: ask a superuser.")
    user.is_active = is_active
    user.save(update_fields=["is_active"])


def _require_right(by: User, role: str, catalogs: Sequence[Catalog]) -> None:
    if role not in roles_to_give(by):
        raise NotPossibleNow(f"The role {role} is not yours to give.")
    if not catalogs:
        raise NotPossibleNow("Choose at least one catalog.")
    if not sees_every_catalog(by) and {c.pk for c in catalogs} - set(catalogs_of(by).values_list("pk", flat=True)):
        raise NotPossibleNow("One of the catalogs is not yours.")


def _require_new(email: str) -> None:
    if User.objects.filter(Q(username__iexact=email) | Q(email__iexact=email)).exists():
        raise NotPossibleNow(f"{email} has an account already.")
    _require_new_in_studio(email)


def _require_new_in_studio(email: str) -> None:
    if email == settings.LABEL_STUDIO_USERNAME.lower():
        raise NotPossibleNow(f"{email} is the account by which TitleLab itself works in Label Studio.")
    if LabelStudioAccount.objects.filter(email__iexact=email).exists():
        raise NotPossibleNow(f"{email} has an account in Label Studio already.")
