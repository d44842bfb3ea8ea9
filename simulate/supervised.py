"""The trial's supervisor; but what goes between processes goes through proxies, and points are watched.

python -m simulate.supervised --port N --data DIR, with SIMULATE_PORTS (JSON) and SIMULATE_POINTS in the environment.
"""

import json
import os
import sys
from dataclasses import replace

from simulate.points import FOLDER
from trial import process
from trial.__main__ import main
from trial.environment import of_product
from trial.options import ROOT
from trial.supervisor import Supervisor
from trial.twin_config import twin_config

PORTS = "SIMULATE_PORTS"
PLACES = os.pathsep.join([str(ROOT / "simulate" / "site"), str(ROOT)])


class Supervised(Supervisor):
    """Tells the product the proxies' ports, and the twin where the web server's proxy is."""

    def environment(self) -> dict[str, str]:
        ports = json.loads(os.environ[PORTS])
        detour = replace(
            self._servers.state,
            postgresql_port=ports["postgresql"],
            valkey_port=ports["valkey"],
            twilio_api=f"http://127.0.0.1:{ports['twilio']}",
        )
        return {
            **of_product(self.folder, detour),
            "PYTHONPATH": PLACES,
            FOLDER: os.environ[FOLDER],
            "TWILIO_KEEP_HOURS": "0",  # so that erasing at Twilio is under way while things break
        }

    def tell_twin(self) -> None:
        """Webhooks go through a proxy, and her STOP is the product's own affair: Twilio helps with nothing."""
        ports = json.loads(os.environ[PORTS])
        told = twin_config(self.folder.read("demo.json"), self.options)
        told["deliver_to"] = f"http://127.0.0.1:{ports['web']}"
        told["media_origin"] = f"http://localhost:{ports['twilio']}"
        told["accounts"][0]["numbers"][0]["opt_out"] = "off"
        self.folder.write("twin.json", told)


if __name__ == "__main__":
    process.LONGEST_PAUSE = 1.0  # what falls often here is not broken
    sys.exit(main(Supervised))
