from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sending_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="brand_color",
            field=models.CharField(blank=True, db_default="", default="", max_length=7),
        ),
        migrations.AddField(
            model_name="workspace",
            name="logo_url",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
