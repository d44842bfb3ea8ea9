"""Everything said between a center and its clients, and what is owed to them."""

from messaging.models.attachment import ASKABLE, EXPECTED, Attachment, AttachmentKind, AttachmentState
from messaging.models.call import Call, CallState
from messaging.models.client import Client, EpochEnd, LineType, NumberEpoch, PhoneNumber
from messaging.models.closure import Closure, Outcome
from messaging.models.contact import CallRule, ClientChange, ContactWay
from messaging.models.conversation import Conversation, ConversationQuerySet
from messaging.models.draft import Draft, ReadMark
from messaging.models.event import EventKind, ThreadEvent
from messaging.models.follow_up import ABOUT_A_TEXT, FollowUp, FollowUpKind, FollowUpOutcome
from messaging.models.hours import ClosedDay, OpeningHours, Weekday
from messaging.models.later import Held, LaterText
from messaging.models.line import Credentials, Line
from messaging.models.mention import Mention, MentionQuerySet
from messaging.models.message import Direction, Message, Purpose, Status, StatusReport
from messaging.models.note import Note
from messaging.models.notifications import MailAfter, NotificationSettings
from messaging.models.opt_out import OptOut, OptOutSource
from messaging.models.picture import DraftPicture, PictureAddress
from messaging.models.printout import Printout
from messaging.models.recognition import POSITIVE, Knowing, Recognition
from messaging.models.recording import TO_COME, Recording, RecordingState
from messaging.models.running_search import RunningSearch
from messaging.models.saved_view import SavedView
from messaging.models.search_text import SearchText
from messaging.models.tag import ClientTag, Tag
from messaging.models.template import Template, TemplateUse
from messaging.models.trouble import SendingTrouble

__all__ = [
    "ABOUT_A_TEXT",
    "ASKABLE",
    "EXPECTED",
    "POSITIVE",
    "TO_COME",
    "Attachment",
    "AttachmentKind",
    "AttachmentState",
    "Call",
    "CallRule",
    "CallState",
    "Client",
    "ClientChange",
    "ClientTag",
    "ClosedDay",
    "Closure",
    "ContactWay",
    "Conversation",
    "ConversationQuerySet",
    "Credentials",
    "Direction",
    "Draft",
    "DraftPicture",
    "EpochEnd",
    "EventKind",
    "FollowUp",
    "FollowUpKind",
    "FollowUpOutcome",
    "Held",
    "Knowing",
    "LaterText",
    "Line",
    "LineType",
    "MailAfter",
    "Mention",
    "MentionQuerySet",
    "Message",
    "Note",
    "NotificationSettings",
    "NumberEpoch",
    "OpeningHours",
    "OptOut",
    "OptOutSource",
    "Outcome",
    "PhoneNumber",
    "PictureAddress",
    "Printout",
    "Purpose",
    "ReadMark",
    "Recognition",
    "Recording",
    "RecordingState",
    "RunningSearch",
    "SavedView",
    "SearchText",
    "SendingTrouble",
    "Status",
    "StatusReport",
    "Tag",
    "Template",
    "TemplateUse",
    "ThreadEvent",
    "Weekday",
]
