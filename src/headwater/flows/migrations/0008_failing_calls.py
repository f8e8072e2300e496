from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("flows", "0007_published_by")]
    operations = [run_file("0008_failing_calls.sql")]
