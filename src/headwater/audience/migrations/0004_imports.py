from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("audience", "0003_double_opt_in")]
    operations = [run_file("0004_imports.sql")]
