from enum import StrEnum


class Work(StrEnum):
    """The kinds of jobs that messaging has done. Their handlers are in `messaging.tasks`."""

    DELIVER = "messaging.deliver"
    SETTLE = "messaging.settle"
    ASK_A_PERSON = "messaging.ask_a_person"
    AUTO_REPLY = "messaging.auto_reply"
    FETCH_FILES = "messaging.fetch_files"
    FETCH_RECORDING = "messaging.fetch_recording"
    TEXT_BACK = "messaging.text_back"
    RECONCILE = "messaging.reconcile"
