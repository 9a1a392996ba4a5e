"""Django on an empty database of a benchmark's own, in the folder that TITLELAB_HOME names."""

import os


def set_up() -> None:
    """Start Django and make the tables; import no model before."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titlelab.settings")  # noqa: TID251
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["*"]  # the test client's
    call_command("migrate", verbosity=0)
