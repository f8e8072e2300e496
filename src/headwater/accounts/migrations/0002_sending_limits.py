from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="frequency_caps",
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name="workspace",
            name="quiet_hours",
            field=models.JSONField(blank=True, default=None, null=True),
        ),
    ]
