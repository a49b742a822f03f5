"""Write the JSON Schema of a file of profiles.

Run by hand when `evsim_locust/behaviour/profile.py` changes (`python scripts/generate_profile_schema.py`); the result
is committed and a test holds it to the types.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from evsim_locust.behaviour.profiles_schema import profiles_schema  # noqa: E402

TARGET = ROOT / "evsim_locust" / "behaviour" / "profiles.schema.json"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.write_text(json.dumps(profiles_schema(), indent=2) + "\n", "utf-8")
