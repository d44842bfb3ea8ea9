"""What makes the log a log: rows that stay, the queue's trigger, and each center's view of its own."""

from django.db import migrations

from tenancy.policies import AppendOnly, IsolateByCenter

QUEUE_LEAF = """
CREATE FUNCTION audit_queue_leaf() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_pendingleaf (entry, leaf, since) VALUES (NEW.id, NEW.leaf, NEW.timestamp);
  RETURN NULL;
END $$;
CREATE TRIGGER audit_logentry_queue AFTER INSERT ON audit_logentry
  FOR EACH ROW EXECUTE FUNCTION audit_queue_leaf();
"""
NO_QUEUE = "DROP TRIGGER audit_logentry_queue ON audit_logentry; DROP FUNCTION audit_queue_leaf();"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(QUEUE_LEAF, NO_QUEUE),
        AppendOnly("audit_logentry"),
        AppendOnly("audit_sequencedleaf"),
        AppendOnly("audit_subtreeroot"),
        AppendOnly("audit_checkpoint"),
        IsolateByCenter("audit_logentry", platform=True, shared=True),
        IsolateByCenter("audit_disclosure", platform=True, shared=True),
        IsolateByCenter("audit_reading", platform=True, shared=True),
    ]
