"""What the twin refuses, and how Twilio words it."""

from http import HTTPStatus
from typing import Any

from aiohttp import web

MORE_INFO = "https://www.twilio.com/docs/errors/{code}"


class ConfigProblem(ValueError):
    """The configuration cannot be used; the message is one sentence for the person who wrote it."""


class ApiError(Exception):
    """A refusal in Twilio's own form: an HTTP status, a code, and a sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"{status}/{code}")
        self.status, self.code, self.message = status, code, message

    def body(self) -> dict[str, Any]:
        """Return the error as Twilio's JSON has it."""
        info = MORE_INFO.format(code=self.code)
        return {"code": self.code, "message": self.message, "more_info": info, "status": self.status}

    def response(self, headers: dict[str, str] | None = None) -> web.Response:
        """Return the error as an HTTP answer."""
        return web.json_response(self.body(), status=self.status, headers=headers)


def not_found(path: str) -> ApiError:
    """Return the 404 that Twilio gives for anything it does not hold."""
    return ApiError(HTTPStatus.NOT_FOUND, 20404, f"The requested resource {path} was not found")


def bad_request(code: int, message: str) -> ApiError:
    """Return a 400 with Twilio's code."""
    return ApiError(HTTPStatus.BAD_REQUEST, code, message)
