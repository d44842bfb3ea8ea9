"""python -m twin --port 4010 --config FILE [--state FILE] [--mail-port 2525]"""

import argparse
import asyncio
import json
import sqlite3
import sys
from pathlib import Path

from twin.archive import Archive
from twin.config import Config, read_config
from twin.errors import ConfigProblem
from twin.server import serve, set_up_logs

UNUSABLE = 2


def read_arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(prog="twin", description=__doc__)
    parser.add_argument("--port", type=int, default=4010)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--config", type=Path, help="JSON: accounts, numbers, people, delivery")
    parser.add_argument("--state", type=Path, help="keep the ledger in this file between starts")
    parser.add_argument("--mail-port", type=int, help="take mail at this port, for the mail page")
    return parser.parse_args()


def read_file(path: Path | None) -> Config:
    """Return the configuration in a file; without a file, nobody's numbers and the invented people."""
    try:
        return read_config(json.loads(path.read_text()) if path else {})
    except json.JSONDecodeError:
        raise ConfigProblem("The configuration file is not JSON.") from None


def main() -> int:
    """Run the twin; return the exit code."""
    arguments = read_arguments()
    set_up_logs()
    try:
        config, archive = read_file(arguments.config), Archive(arguments.state)
        asyncio.run(serve(config, archive, arguments.host, arguments.port, arguments.mail_port))
    except ConfigProblem as problem:
        return refuse(str(problem))
    except (OSError, sqlite3.Error) as problem:
        return refuse(f"The twin cannot start: {getattr(problem, 'strerror', None) or problem}.")
    return 0


def refuse(sentence: str) -> int:
    """Say why the twin does not start."""
    sys.stderr.write(f"{sentence}\n")
    return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
