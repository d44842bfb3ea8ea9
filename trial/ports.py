"""Ports on loopback."""

import errno
import socket

from trial.trouble import Trouble


def listen_on(port: int) -> socket.socket:
    """Take the public port at once and keep it while the web server comes and goes."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        why = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise Trouble(f"Port {port} {why}; choose another with --port.") from None
    return listener


def free_port(wanted: int = 0) -> int:
    """The wanted port if nobody has it, else any free one."""
    for candidate in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Trouble("This machine has no free port.")
