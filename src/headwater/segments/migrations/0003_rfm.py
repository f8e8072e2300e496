from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("segments", "0002_live")]
    operations = [run_file("0003_rfm.sql")]
