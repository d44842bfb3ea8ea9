"""Starting the twin, and stopping it within two seconds."""

import asyncio
import logging
import signal
import sys
from types import TracebackType

from aiohttp import web

from twin.app import make_app
from twin.archive import Archive
from twin.config import Config

LOG = logging.getLogger("twin")
STOP_SECONDS = 0.8
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class QuietFormatter(logging.Formatter):
    """Says where an error happened and of what kind it is; never its message, which may hold words."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # what another formatter made of it
        return super().format(record)

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802  # the name is logging's
        kind, _, trace = ei
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "nowhere"
        return f"{kind.__name__ if kind else 'nothing'} at {place}"


def set_up_logs() -> None:
    """Log to standard error, without addresses, words or numbers."""
    handler = logging.StreamHandler()
    handler.setFormatter(QuietFormatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


async def serve(config: Config, archive: Archive, host: str, port: int, mail_port: int | None) -> None:
    """Serve until SIGTERM or Ctrl-C. raises OSError when the port cannot be had."""
    mail_at = None if mail_port is None else (host, mail_port)
    runner = web.AppRunner(make_app(config, archive, mail_at=mail_at), access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        sys.stdout.write(f"ready http://{host}:{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await stop.wait()
        LOG.info("stopping")
    finally:
        await runner.cleanup()
