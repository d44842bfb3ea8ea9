"""Pages and sockets of the trial in one process, on a port that the supervisor holds open."""

import socket
import sys

import uvicorn


def main() -> None:
    from config.asgi import application

    listener = socket.socket(fileno=int(sys.argv[1]))
    config = uvicorn.Config(
        application,
        access_log=False,
        proxy_headers=False,  # where somebody is says accounts.places, by TRUSTED_PROXIES
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=2,
        ws_max_size=16 * 1024,
        ws_per_message_deflate=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
