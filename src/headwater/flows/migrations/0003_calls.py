from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("flows", "0002_complete")]
    operations = [run_file("0003_calls.sql")]
