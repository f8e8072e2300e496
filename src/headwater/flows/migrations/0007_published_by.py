from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("flows", "0006_versions"), ("accounts", "0001_initial")]
    operations = [run_file("0007_published_by.sql")]
