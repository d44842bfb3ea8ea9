import django.db.models.deletion
from django.db import migrations, models

from tenancy.policies import IsolateByCenter


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_called_at_a_desk'),
        ('messaging', '0018_connected'),
    ]

    operations = [
        migrations.CreateModel(
            name='RunningSearch',
            fields=[
                ('membership', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='accounts.membership')),
                ('token', models.UUIDField()),
                ('center', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.center')),
            ],
            options={
                'verbose_name_plural': 'running searches',
            },
        ),
        IsolateByCenter("messaging_runningsearch"),
    ]
