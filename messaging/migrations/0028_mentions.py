import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tenancy.ids
from tenancy.policies import IsolateByCenter


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_set_up'),
        ('messaging', '0027_tags'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mention',
            fields=[
                ('id', models.UUIDField(default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('sequence', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('seen_at', models.DateTimeField(null=True)),
                ('center', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.center')),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='mentions', to='messaging.conversation')),
                ('note', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='mentions', to='messaging.note')),
                ('staff', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('seen_at', None)), fields=['center', 'staff', 'conversation'], name='mention_unseen')],
                'constraints': [models.UniqueConstraint(fields=('note', 'staff'), name='one_mention_a_person')],
            },
        ),
        IsolateByCenter("messaging_mention"),
    ]
