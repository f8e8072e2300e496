from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("audience", "0004_imports")]
    operations = [run_file("0005_profile_table.sql")]
