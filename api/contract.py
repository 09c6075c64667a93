"""The public contract of the HTTP interface, as one document."""

import json
import sys
from argparse import Namespace

from api.app import create_app


def document() -> str:
    """The OpenAPI description of all routes, as JSON that stays the same as long as they do."""
    return json.dumps(create_app().openapi(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def show(_: Namespace) -> int:
    """Print the document."""
    sys.stdout.write(document())
    return 0
