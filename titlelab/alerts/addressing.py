"""Who is mailed about an alert: whom its rule names, as far as they may see its catalog. Reads the database alone."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from titlelab.alerts.models import Alert, AlertRule
from titlelab.catalog.models import Catalog
from titlelab.people.rights import may

SEE = "alerts.view_alert"


def recipients(alert: Alert) -> list[User]:
    """Return whom to mail about an alert, superusers if its rule names nobody who may see it."""
    if alert.rule is None:
        return []
    named = [user for user in _named(alert.rule) if may(user, SEE, alert)]
    return named or list(_reachable().filter(is_superuser=True))


def unreachable(addresses: Iterable[str], catalog: Catalog | None) -> list[str]:
    """Return the addresses under which nobody may be told of the catalog's alerts; of all catalogs', if None."""
    return [address for address in addresses if not any(_may_be_told(user, catalog) for user in _known([address]))]


def _named(rule: AlertRule) -> list[User]:
    of_roles = Q(groups__name__in=rule.mail_roles)
    by_address = Q(pk__in=[user.pk for user in _known(rule.mail_also)])
    return list(_reachable().filter(of_roles | by_address).distinct())


def _known(addresses: Iterable[str]) -> list[User]:
    wanted = Q(pk__in=[])
    for address in addresses:
        wanted |= Q(email__iexact=address)
    return list(_reachable().filter(wanted))


def _may_be_told(user: User, catalog: Catalog | None) -> bool:
    return may(user, SEE) and (catalog is None or may(user, "catalog.view_catalog", catalog))


def _reachable() -> QuerySet[User]:
    return User.objects.filter(is_active=True).exclude(email="").order_by("pk")
