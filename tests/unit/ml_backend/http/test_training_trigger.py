"""How titlelab is told of Start Training."""

import httpx
import pytest

from ml_backend.errors import TitleLabUnreachable
from ml_backend.http.training_trigger import TitleLabTrigger


def trigger(answer: httpx.Response | Exception, asked: list[httpx.Request]) -> TitleLabTrigger:
    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return TitleLabTrigger(url="http://titlelab", secret="s3", transport=httpx.MockTransport(handle))  # noqa: S106


def test_the_project_is_told_with_the_secret() -> None:
    asked: list[httpx.Request] = []

    trigger(httpx.Response(200), asked)(5)

    assert str(asked[0].url) == "http://titlelab/webhooks/label-studio/"
    assert asked[0].headers["X-TitleLab-Secret"] == "s3"
    assert asked[0].content == b'{"action":"START_TRAINING","project":{"id":5}}'


@pytest.mark.parametrize("answer", [httpx.Response(403), httpx.Response(500), httpx.ConnectError("refused")])
def test_a_titlelab_that_does_not_take_it_is_told_as_one_sentence(answer: httpx.Response | Exception) -> None:
    with pytest.raises(TitleLabUnreachable, match="to start training"):
        trigger(answer, [])(5)
