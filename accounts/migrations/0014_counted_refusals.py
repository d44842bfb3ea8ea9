from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_set_up")]

    operations = [
        migrations.AlterField(
            model_name="attempts",
            name="door",
            field=models.CharField(
                choices=[
                    ("password-here", "Password Here"),
                    ("password-account", "Password Account"),
                    ("password-place", "Password Place"),
                    ("password-site", "Password Site"),
                    ("password-device", "Password Device"),
                    ("password-own", "Password Own"),
                    ("code", "Code"),
                    ("code-device", "Code Device"),
                    ("passkey", "Passkey"),
                    ("invitation", "Invitation"),
                    ("picture", "Picture"),
                    ("refused", "Refused"),
                ],
                max_length=16,
            ),
        ),
    ]
