"""Who may do what, and where: a permission of a role's, held against the catalogs that a person works on.

To see a row takes a sight of one of its catalogs; to act on it takes all of them, so that nobody changes the tags that
another's catalog shares.
"""

from typing import Any, TypeVar, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Model, Q, QuerySet

from titlelab.catalog.models import Catalog
from titlelab.labelstudio.models import Project
from titlelab.people.roles import SEE_EVERY_CATALOG
from titlelab.people.scopes import (
    BY_CATALOGS,
    BY_PROJECT,
    BY_SCOPE,
    CATALOG_OR_ALL,
    CATALOG_PATHS,
    COMMON,
    LIBRARY_PATHS,
    USER_PATHS,
    WHOLE_LIBRARY,
)
from titlelab.tags.models import TagLibrary

M = TypeVar("M", bound=Model)
Anybody = AbstractBaseUser | AnonymousUser
NOTHING, EVERYTHING = Q(pk__in=[]), Q()


def may(user: Anybody, permission: str, row: Model | None = None) -> bool:
    """Say whether a person holds a permission, and may use it on the row: on all of its catalogs, if it changes them.

    A row of None asks about the permission alone.
    """
    if not _as_user(user).has_perm(permission):
        return False
    if row is None:
        return True
    return is_visible(row, user) if _only_reads(permission) else is_own(row, user)


def sees_every_catalog(user: Anybody) -> bool:
    return _as_user(user).has_perm(SEE_EVERY_CATALOG)


def catalogs(user: Anybody) -> QuerySet[Catalog]:
    """Return the catalogs that a person works on; none for who is not active."""
    return visible(Catalog.objects.all(), user)


def visible(rows: QuerySet[M], user: Anybody) -> QuerySet[M]:
    """Leave the rows of which a person may know; whether of this kind at all, the permissions say."""
    return rows if sees_every_catalog(user) else rows.filter(_seen(rows.model, user))


def own(rows: QuerySet[M], user: Anybody) -> QuerySet[M]:
    """Leave the rows that concern a person's own catalogs and no other."""
    return rows if sees_every_catalog(user) else rows.filter(_seen(rows.model, user) & _held(rows.model, user))


def is_visible(row: Model, user: Anybody) -> bool:
    return sees_every_catalog(user) or visible(_itself(row), user).exists()


def is_own(row: Model, user: Anybody) -> bool:
    return sees_every_catalog(user) or own(_itself(row), user).exists()


def is_common(model: type[Model]) -> bool:
    """Say whether a new row of the model would concern every catalog."""
    label = model._meta.label_lower
    belonging = (CATALOG_PATHS, CATALOG_OR_ALL, LIBRARY_PATHS, BY_SCOPE, BY_CATALOGS, USER_PATHS, BY_PROJECT)
    return not any(label in models for models in belonging)


def outranks(user: Anybody, other: User) -> bool:
    """Say whether a person holds all permissions of another, and works on all of the other's catalogs."""
    mine = _as_user(user)
    if mine.is_superuser:
        return True
    if other.is_superuser or not is_own(other, user):
        return False
    # A closed account holds no permission to compare, so it is asked as if it were open.
    return User(pk=other.pk, is_active=True).get_all_permissions() <= mine.get_all_permissions()


def _seen(model: type[Model], user: Anybody) -> Q:
    label = model._meta.label_lower
    mine = _catalogs(user)
    if label in CATALOG_PATHS:
        return Q(**{f"{CATALOG_PATHS[label]}__in": mine})
    if label in CATALOG_OR_ALL:
        return Q(**{f"{CATALOG_OR_ALL[label]}__in": mine}) | Q(**{CATALOG_OR_ALL[label]: None})
    if label in LIBRARY_PATHS:
        seen = Q(**{f"{LIBRARY_PATHS[label]}__in": _libraries(mine)})
        return seen & _held(model, user) if label in WHOLE_LIBRARY else seen
    if label in BY_SCOPE:
        return _of_scopes(mine, _libraries(mine))
    if label in BY_CATALOGS:
        others = Catalog.objects.exclude(pk__in=mine)
        return _with(model, BY_CATALOGS[label], mine) & ~_with(model, BY_CATALOGS[label], others)
    if label in USER_PATHS:
        return Q(**{f"{USER_PATHS[label]}__in": _colleagues(user, mine)})
    if label in BY_PROJECT:
        return Q(**{f"{BY_PROJECT[label]}__in": _project_ids(mine)})
    return EVERYTHING if label in COMMON else NOTHING


def _held(model: type[Model], user: Anybody) -> Q:
    """Return what tells own rows among the seen."""
    label = model._meta.label_lower
    others = Catalog.objects.exclude(pk__in=_catalogs(user))
    shared = TagLibrary.objects.filter(catalogs__in=others)
    if label in CATALOG_OR_ALL:
        return ~Q(**{CATALOG_OR_ALL[label]: None})
    if label in LIBRARY_PATHS:
        return ~Q(**{f"{LIBRARY_PATHS[label]}__in": shared.values("pk")})
    if label in BY_SCOPE:
        return ~Q(kind="tagger", scope__in=shared.values("key"))
    if label in USER_PATHS:
        return Q(**{f"{USER_PATHS[label]}__in": _subordinates(others)})
    return NOTHING if label in COMMON else EVERYTHING


def _catalogs(user: Anybody) -> QuerySet[Catalog]:
    return Catalog.objects.filter(accesses__user=user.pk, accesses__user__is_active=True).order_by()


def _libraries(mine: QuerySet[Catalog]) -> QuerySet[TagLibrary, Any]:
    """Return the libraries of these catalogs, and those of none: a library is made before it is used."""
    return TagLibrary.objects.filter(Q(catalogs__in=mine) | Q(catalogs=None)).order_by().values("pk")


def _of_scopes(mine: QuerySet[Catalog], libraries: QuerySet[TagLibrary, Any]) -> Q:
    of_libraries = TagLibrary.objects.filter(pk__in=libraries).order_by().values("key")
    return Q(kind="tagger", scope__in=of_libraries) | (~Q(kind="tagger") & Q(scope__in=mine.values("key")))


def _with(model: type[Model], field: str, these: QuerySet[Catalog]) -> Q:
    """Return what tells the rows that name any of these catalogs, each once."""
    return Q(pk__in=model._base_manager.filter(**{f"{field}__in": these}).order_by().values("pk"))


def _colleagues(user: Anybody, mine: QuerySet[Catalog]) -> QuerySet[User, Any]:
    return User.objects.filter(Q(catalog_accesses__catalog__in=mine) | Q(pk=user.pk)).order_by().values("pk")


def _subordinates(others: QuerySet[Catalog]) -> QuerySet[User, Any]:
    """Return who works on none of the other catalogs. Who sees every catalog is kept out by his rank, see outranks."""
    return User.objects.filter(is_superuser=False).exclude(catalog_accesses__catalog__in=others).order_by().values("pk")


def _project_ids(mine: QuerySet[Catalog]) -> list[int]:
    """Return Label Studio's ids; a list, since a number within JSON can't be held against a subquery everywhere."""
    return list(Project.objects.filter(queue__catalog__in=mine).values_list("project_id", flat=True))


def _itself(row: M) -> QuerySet[M]:
    return type(row)._base_manager.filter(pk=row.pk)


def _only_reads(permission: str) -> bool:
    return permission.partition(".")[2].startswith("view_")


def _as_user(user: Anybody) -> User:
    """Return who can be asked for permissions, as nobody can too, but not in the stubs."""
    return cast("User", user)
