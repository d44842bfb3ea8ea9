import tenancy.ids
from django.db import migrations, models

from tenancy.policies import IsolateByCenter


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Key',
            fields=[
                ('id', models.UUIDField(default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kid', models.BinaryField(max_length=8, unique=True)),
                ('center_id', models.UUIDField()),
                ('purpose', models.CharField(choices=[('center', 'Center'), ('rest', 'Rest'), ('epoch', 'Epoch'), ('phone-index', 'Phone Index'), ('email-index', 'Email Index'), ('signing', 'Signing')], max_length=16)),
                ('owner_id', models.UUIDField(null=True)),
                ('wrapped', models.BinaryField()),
                ('wrapped_by', models.BinaryField(max_length=8)),
                ('state', models.CharField(choices=[('active', 'Active'), ('retired', 'Retired'), ('destroyed', 'Destroyed')], default='active', max_length=16)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('retired_at', models.DateTimeField(null=True)),
                ('destroyed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['wrapped_by'], name='encryption_key_wrapped_by'), models.Index(fields=['center_id', 'purpose', 'owner_id'], name='encryption_key_scope')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'active')), fields=('center_id', 'purpose', 'owner_id'), name='encryption_key_one_active', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('state', 'destroyed'), ('wrapped', b'')), models.Q(models.Q(('state', 'destroyed'), _negated=True), models.Q(('wrapped', b''), _negated=True)), _connector='OR'), name='encryption_key_destroyed_is_empty')],
            },
        ),
        IsolateByCenter("encryption_key", platform=True, shared=True),
    ]
