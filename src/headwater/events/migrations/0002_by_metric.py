from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [run_file("0002_by_metric.sql")]
