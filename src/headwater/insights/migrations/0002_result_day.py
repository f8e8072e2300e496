from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("insights", "0001_initial"), ("accounts", "0001_initial")]
    operations = [run_file("0002_result_day.sql")]
