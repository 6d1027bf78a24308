"""`make openapi`: the description of the server's API, as it stands in `docs/openapi.json`, to standard output."""

from __future__ import annotations

import json
import sys

from ebid_tui.server.api.openapi import completed
from ebid_tui.server.app import create_app
from ebid_tui.server.settings import ServerSettings

if __name__ == "__main__":
    app = create_app(ServerSettings(database="sqlite://", origins=("http://localhost",), anchors={}))
    sys.stdout.write(json.dumps(completed(app), ensure_ascii=False, indent=1, sort_keys=True) + "\n")
