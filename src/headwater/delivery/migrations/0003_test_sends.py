from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0002_wanted_at"), ("content", "0002_trials")]
    operations = [run_file("0003_test_sends.sql")]
