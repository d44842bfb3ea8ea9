"""Templates as they are sent: without the white space that only their writers need.

Pages are never compressed, so that no stranger learns from their length what else they say. Every space of an
indentation would travel: a sixth of each page.
"""

import re

from django.template import Origin
from django.template.loaders import filesystem

_BETWEEN_LINES = re.compile(r"\s*\n\s*")


class Loader(filesystem.Loader):
    """Of pages each line begins at once; what is drawn into them, and what is plain text, stays as it is."""

    def get_contents(self, origin: Origin) -> str:
        text = super().get_contents(origin)
        return _BETWEEN_LINES.sub("\n", text) if origin.name.endswith(".html") else text
