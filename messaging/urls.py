from django.urls import path

from messaging import webhooks
from messaging.views import center_settings, conversation, files, follow_ups, holding, inbox, writing

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("inbox/list/", inbox.inbox_list, name="inbox-list"),
    path("conversations/<uuid:pk>/", conversation.show, name="conversation"),
    path("conversations/<uuid:pk>/entries/", conversation.entries, name="conversation-entries"),
    path("conversations/<uuid:pk>/older/", conversation.older, name="conversation-older"),
    path("conversations/<uuid:pk>/replies/", writing.create_reply, name="reply"),
    path("conversations/<uuid:pk>/notes/", writing.create_note, name="note"),
    path("conversations/<uuid:pk>/draft/", writing.keep_draft, name="draft"),
    path("conversations/<uuid:pk>/templates/", conversation.ready_words, name="ready-words"),
    path("conversations/<uuid:pk>/take/", holding.take, name="take"),
    path("conversations/<uuid:pk>/release/", holding.release, name="release"),
    path("conversations/<uuid:pk>/colleagues/", holding.colleagues, name="colleagues"),
    path("conversations/<uuid:pk>/assign/", holding.assign, name="assign"),
    path("conversations/<uuid:pk>/close/", holding.close, name="close"),
    path("conversations/<uuid:pk>/reopen/", holding.reopen, name="reopen"),
    path("conversations/<uuid:pk>/name/", holding.rename, name="client-name"),
    path("conversations/<uuid:pk>/follow-ups/", follow_ups.add, name="follow-up-add"),
    path("files/<uuid:pk>/", files.show, name="file"),
    path("messages/<uuid:pk>/files/again/", files.again, name="files-again"),
    path("messages/<uuid:pk>/undo/", writing.undo, name="undo"),
    path("messages/<uuid:pk>/decision/", writing.decide, name="retry-decision"),
    path("follow-ups/", follow_ups.due, name="follow-ups"),
    path("follow-ups/<uuid:pk>/settle/", follow_ups.finish, name="follow-up-settle"),
    path("settings/hours/", center_settings.hours, name="settings-hours"),
    path("settings/templates/", center_settings.templates, name="settings-templates"),
    path("settings/templates/new/", center_settings.edit_template, name="settings-template-new"),
    path("settings/templates/<uuid:pk>/", center_settings.edit_template, name="settings-template"),
    path(
        "settings/templates/<uuid:pk>/remove/",
        center_settings.remove_template,
        name="settings-template-remove",
    ),
    path("settings/lines/", center_settings.lines, name="settings-lines"),
    path("hooks/twilio/<uuid:line_id>/message", webhooks.message, name="hook-message"),
    path("hooks/twilio/<uuid:line_id>/status", webhooks.status, name="hook-status"),
    path("hooks/twilio/<uuid:line_id>/voice", webhooks.voice, name="hook-voice"),
    path("hooks/twilio/<uuid:line_id>/call_status", webhooks.call_status, name="hook-call-status"),
]
