"""One question at the door of a text: begins the scope, locks the conversation, then looks whether the text is known."""

from django.db import migrations

# Two statements on purpose: the second one has a snapshot of its own, taken once the lock is held, and so sees
# what a post of the same text, or a colleague's answer, committed meanwhile. Row-level security holds as anywhere:
# the function runs as whoever calls it.
HEAR = """
CREATE FUNCTION messaging_hear(
  center uuid, number_index bytea, line uuid, sid text,
  OUT id uuid, OUT client_id uuid, OUT epoch_id uuid, OUT line_id uuid, OUT assignee_id uuid, OUT sequence integer,
  OUT last_entry_at timestamptz, OUT waiting_since timestamptz, OUT answered_at timestamptz,
  OUT closed_at timestamptz, OUT failed_at timestamptz, OUT created_at timestamptz,
  OUT language text, OUT number_id uuid, OUT is_owed boolean, OUT known uuid
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('quietline.center', center::text, true), set_config('quietline.scope', '', true);
  SELECT c.id, c.client_id, c.epoch_id, c.line_id, c.assignee_id, c.sequence,
         c.last_entry_at, c.waiting_since, c.answered_at, c.closed_at, c.failed_at, c.created_at,
         p.language, e.number_id
    INTO id, client_id, epoch_id, line_id, assignee_id, sequence,
         last_entry_at, waiting_since, answered_at, closed_at, failed_at, created_at,
         language, number_id
    FROM messaging_phonenumber n
    JOIN messaging_numberepoch e ON e.number_id = n.id AND e.ended_at IS NULL
    JOIN messaging_conversation c ON c.epoch_id = e.id
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


class Migration(migrations.Migration):
    dependencies = [("messaging", "0006_held_conversations")]

    operations = [migrations.RunSQL(HEAR, "DROP FUNCTION messaging_hear(uuid, bytea, uuid, text)")]
