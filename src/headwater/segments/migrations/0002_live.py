from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("segments", "0001_initial"), ("audience", "0002_for_segments"), ("events", "0002_by_metric")]
    operations = [run_file("0002_live.sql")]
