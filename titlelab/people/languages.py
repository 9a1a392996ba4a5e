"""Which language a person chose to read, kept so that another browser and a mail know it too."""

from typing import TYPE_CHECKING

from django.conf import settings

from titlelab.people.models import ChosenLanguage

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def choose_language(user: "User", language: str) -> None:
    """Remember the language; one that is not offered is none of anybody's."""
    if language in dict(settings.LANGUAGES):
        ChosenLanguage.objects.update_or_create(user=user, defaults={"language": language})


def chosen_language(user: "User") -> str:
    """Return what the person chose; "" for who never did."""
    found = ChosenLanguage.objects.filter(user=user).values_list("language", flat=True).first()
    return found if found in dict(settings.LANGUAGES) else ""
