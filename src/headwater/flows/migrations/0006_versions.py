from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("flows", "0005_intake")]
    operations = [run_file("0006_versions.sql")]
