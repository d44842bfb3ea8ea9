"""Where Twilio posts. The line in the path selects the secret."""

from django.urls import path

from messaging import webhooks

urlpatterns = [
    path("<uuid:line_id>/message", webhooks.message, name="hook-message"),
    path("<uuid:line_id>/status", webhooks.status, name="hook-status"),
    path("<uuid:line_id>/voice", webhooks.voice, name="hook-voice"),
    path("<uuid:line_id>/dial", webhooks.dial, name="hook-dial"),
    path("<uuid:line_id>/whisper", webhooks.whisper, name="hook-whisper"),
    path("<uuid:line_id>/leg_status", webhooks.leg_status, name="hook-leg-status"),
    path("<uuid:line_id>/record", webhooks.record, name="hook-record"),
    path("<uuid:line_id>/recording", webhooks.recording, name="hook-recording"),
    path("<uuid:line_id>/call_status", webhooks.call_status, name="hook-call-status"),
]
