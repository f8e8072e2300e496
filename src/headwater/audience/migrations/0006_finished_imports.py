from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("audience", "0005_profile_table")]
    operations = [run_file("0006_finished_imports.sql")]
