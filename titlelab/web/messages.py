"""Messages for the next page, kept in English and said in the language that the page is read in."""

from collections.abc import Iterator

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.fallback import FallbackStorage

from titlelab.languages.sentences import said


class SaidMessages(FallbackStorage):
    """Django's storage; what a page takes out of it is said in the page's language."""

    def __iter__(self) -> Iterator[Message]:
        for message in super().__iter__():
            yield Message(message.level, said(message.message), message.extra_tags)
