"""What ends a number epoch: by whom, since when as its conversation has it, and when she was last heard."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Coalesce

# As in 0007, with when she was last heard. An epoch that ends while this waits for its conversation's lock is
# no longer found: the condition on the locked row is looked at again, which one on a joined row would not be.
HEAR = """
CREATE FUNCTION messaging_hear(
  center uuid, number_index bytea, line uuid, sid text,
  OUT id uuid, OUT client_id uuid, OUT epoch_id uuid, OUT line_id uuid, OUT assignee_id uuid, OUT sequence integer,
  OUT last_entry_at timestamptz, OUT waiting_since timestamptz, OUT answered_at timestamptz,
  OUT closed_at timestamptz, OUT failed_at timestamptz{heard_out}, OUT created_at timestamptz,
  OUT language text, OUT number_id uuid, OUT is_owed boolean, OUT known uuid
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('quietline.center', center::text, true), set_config('quietline.scope', '', true);
  SELECT c.id, c.client_id, c.epoch_id, c.line_id, c.assignee_id, c.sequence,
         c.last_entry_at, c.waiting_since, c.answered_at, c.closed_at, c.failed_at{heard}, c.created_at,
         p.language, e.number_id
    INTO id, client_id, epoch_id, line_id, assignee_id, sequence,
         last_entry_at, waiting_since, answered_at, closed_at, failed_at{heard_in}, created_at,
         language, number_id
    FROM messaging_phonenumber n
    JOIN messaging_numberepoch e ON e.number_id = n.id AND e.ended_at IS NULL
    JOIN messaging_conversation c ON c.epoch_id = e.id{not_ended}
    JOIN messaging_client p ON p.id = c.client_id
   WHERE n.center_id = messaging_hear.center AND n.index = number_index
     FOR UPDATE OF c;
  SELECT EXISTS (SELECT 1 FROM messaging_followup f
                  WHERE f.conversation_id = messaging_hear.id AND f.settled_at IS NULL AND f.kind = 'reply'),
         (SELECT m.id FROM messaging_message m
           WHERE m.line_id = messaging_hear.line AND m.twilio_sid = messaging_hear.sid)
    INTO is_owed, known;
END $$;
"""
DROP = "DROP FUNCTION messaging_hear(uuid, bytea, uuid, text);"
WITH_HEARD = {
    "heard_out": ", OUT heard_at timestamptz, OUT ended_at timestamptz",
    "heard": ", c.heard_at, c.ended_at",
    "heard_in": ", heard_at, ended_at",
    "not_ended": " AND c.ended_at IS NULL",
}
BEFORE = dict.fromkeys(WITH_HEARD, "")

# The policies hold for the owner too, who sees no center here: they are lifted for this one statement.
TABLES = ("messaging_conversation", "messaging_message", "messaging_call")
LIFT = "".join(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;" for table in TABLES)
FORCE = "".join(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;" for table in TABLES)
FILL = """
UPDATE messaging_conversation c SET heard_at = GREATEST(
  (SELECT max(coalesce(m.said_at, m.created_at)) FROM messaging_message m
    WHERE m.conversation_id = c.id AND m.direction = 'in'),
  (SELECT max(coalesce(k.said_at, k.created_at)) FROM messaging_call k WHERE k.conversation_id = c.id)
);
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("messaging", "0028_mentions"),
    ]

    operations = [
        migrations.AddField(
            model_name="numberepoch",
            name="ended_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("conversation", "heard_at", models.DateTimeField(null=True)),
        migrations.AddField("conversation", "ended_at", models.DateTimeField(null=True)),
        migrations.RunSQL(LIFT + FILL + FORCE, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                models.F("center"),
                Coalesce("heard_at", "created_at"),
                condition=models.Q(ended_at=None),
                name="conversation_unheard",
            ),
        ),
        migrations.RunSQL(DROP + HEAR.format(**WITH_HEARD), DROP + HEAR.format(**BEFORE)),
        migrations.AlterField(
            model_name='latertext',
            name='held_because',
            field=models.CharField(blank=True, choices=[('spoken', 'Something was said since it was written.'), ('opted_out', 'She asked to stop texts.'), ('asked_to_stop', 'She may be asking us to stop: please decide that first.'), ('closed', 'The conversation is closed.'), ('not_textable', 'This sender cannot receive texts.'), ('too_late', 'Its moment went by while nothing could be sent.'), ('number_ended', 'This number no longer reaches her.'), ('unsure', 'She was not heard for weeks by then: please look at the words again.'), ('writer_gone', 'Whoever wrote it no longer writes to clients here.')], max_length=16),
        ),
        migrations.AlterField(
            model_name='numberepoch',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('silence', 'long silence'), ('wrong_number', 'it was the wrong number'), ('new_owner', 'the number has a new owner'), ('carrier', 'texts find no phone any more')], max_length=16),
        ),
        migrations.AlterField(
            model_name='threadevent',
            name='what',
            field=models.CharField(choices=[('taken', 'took this conversation'), ('released', 'gave this conversation back'), ('away', 'is not here now: this conversation went back to everybody'), ('assigned', 'gave this conversation to'), ('closed', 'closed this conversation'), ('reopened', 'opened this conversation again'), ('opted_out', 'She asked to stop texts'), ('opted_in', 'She asked for texts again'), ('named', 'wrote down the name she gave'), ('card', 'changed what we know about her'), ('tagged', 'changed her tags'), ('later_kept', 'wrote a text that leaves later'), ('later_back', 'took back a text that was to leave later'), ('later_left', 'A text that was kept for later is being sent'), ('later_held', 'A text that was kept for later was held back'), ('snoozed', 'put this conversation aside for a while'), ('woken', 'took this conversation up again'), ('came_back', 'It was time: this conversation is back in the list'), ('silent', 'Nothing was heard from her for 90 days: her number counts as given up'), ('said_wrong', 'Whoever has this number says that it is the wrong one'), ('no_phone', 'Three texts in a row found no phone: her number counts as given up'), ('marked_wrong', 'marked this as a wrong number'), ('new_owner', 'marked that her number has a new owner'), ('revived', 'said that this number reaches her after all'), ('begun_again', 'began to write to her again')], max_length=12),
        ),
    ]
