"""Gives groups the permissions of their roles."""

from django.contrib.auth.models import Group, Permission

from titlelab.people.roles import ROLES


def after_migrate(**_: object) -> None:
    """Receive Django's post_migrate: permissions of all apps before this one stand by then."""
    grant_roles()


def grant_roles() -> None:
    """Make the roles' groups, and bring each to exactly its role's permissions; safe to repeat.

    Who needs another mix makes a group of another name. Raises LookupError when a role names no permission.
    """
    known = {
        f"{app}.{codename}": pk
        for app, codename, pk in Permission.objects.values_list("content_type__app_label", "codename", "pk")
    }
    for role, permissions in ROLES.items():
        if missing := permissions - known.keys():
            raise LookupError(f"The role {role} names what is no permission: {', '.join(sorted(missing))}")
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in permissions])
