"""Starting Label Studio without a browser: its environment, its command, its accounts.

Label Studio lives in a virtual environment of its own and is never imported here. `python -m
titlelab.launching.label_studio` becomes the server that the Procfile asks for.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import httpx

from titlelab.errors import LabelStudioRefused, LabelStudioUnreachable
from titlelab.labelstudio.accounts import Browser, sign_up

EXECUTABLE = Path(__file__).resolve().parents[2] / ".venv-label-studio" / "bin" / "label-studio"
# Label Studio reads bare names such as HOST, PORT, DEBUG and PASSWORD too: nothing else of ours may reach it.
INHERITED = ("PATH", "HOME", "LANG")


def label_studio_environment(
    *, data_folder: Path, port: int, username: str, password: str, token: str
) -> dict[str, str]:
    """Return Label Studio's whole environment.

    username, password and token make the administrator on the first start in an empty folder; later they change
    nothing.
    """
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data_folder),
        "LABEL_STUDIO_HOST": f"http://127.0.0.1:{port}",
        "LABEL_STUDIO_USERNAME": username,
        "LABEL_STUDIO_PASSWORD": password,
        "LABEL_STUDIO_USER_TOKEN": token,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",  # read when the organization is made
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        # Nothing leaves the machine.
        "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
        "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
        "LABEL_STUDIO_SENTRY_DSN": "",
        "LABEL_STUDIO_FRONTEND_SENTRY_DSN": "",
        # Our ML backend and webhook are on loopback, which the default list bans; cloud metadata addresses stay banned.
        "LABEL_STUDIO_USE_DEFAULT_BANNED_SUBNETS": "false",
        "LABEL_STUDIO_USER_ADDITIONAL_BANNED_SUBNETS": "169.254.0.0/16",
        # The webhook is answered within the annotator's click; 1 s loses events when the machine is busy.
        "LABEL_STUDIO_WEBHOOK_TIMEOUT": "3",
        # A task that somebody merely opened is hidden from others; the default is a day.
        "LABEL_STUDIO_TASK_LOCK_TTL": "1200",
        # Without it a bad prediction is dropped in silence.
        "fflag_feat_utc_210_prediction_validation_15082025": "true",
    }


def start_command(port: int) -> list[str]:
    """Return the command that serves on 127.0.0.1; if the port is taken Label Studio silently takes the next."""
    return [
        *(str(EXECUTABLE), "start", "--no-browser", "--log-level", "ERROR"),
        *("--internal-host", "127.0.0.1", "--port", str(port)),
    ]


def create_account(url: str, token: str, *, email: str, password: str) -> bool:
    """Make an account that can log in, through the organization's invite link; False if the address has one already.

    Raises LabelStudioUnreachable or LabelStudioRefused.
    """

    def browser() -> httpx.Client:
        return httpx.Client(base_url=url, timeout=30, trust_env=False)

    if email in _addresses(browser, token):
        return False
    sign_up(browser, token, email=email, password=password)
    return True


def _addresses(browser: Browser, token: str) -> Sequence[str]:
    try:
        with browser() as client:
            users = client.get("/api/users", headers={"Authorization": f"Token {token}"}).raise_for_status().json()
    except httpx.HTTPStatusError as e:
        raise LabelStudioRefused(f"Label Studio refused {e.request.url}: {e.response.text[:300]}") from e
    except httpx.HTTPError as e:
        raise LabelStudioUnreachable(f"no answer from Label Studio: {e}") from e
    return [user["email"] for user in users]


def become_label_studio() -> None:
    """Replace this process by the server, told by the settings; what it may see is the scrubbed environment alone."""
    from titlelab import settings

    data_folder = settings.HOME / "label-studio"
    data_folder.mkdir(parents=True, exist_ok=True)
    environment = label_studio_environment(
        data_folder=data_folder,
        port=settings.LABEL_STUDIO_PORT,
        username=settings.LABEL_STUDIO_USERNAME,
        password=os.environ["TITLELAB_LABEL_STUDIO_PASSWORD"],
        token=settings.LABEL_STUDIO_TOKEN,
    )
    os.chdir(data_folder)
    command = start_command(settings.LABEL_STUDIO_PORT)
    os.execve(command[0], command, environment)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    become_label_studio()
