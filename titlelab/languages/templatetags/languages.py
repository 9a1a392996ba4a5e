"""{{ sentence|said }}: a sentence of ours in the reader's language."""

from django import template

from titlelab.languages.sentences import said

register = template.Library()
register.filter("said", said)
