from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("audience", "0003_double_opt_in"),
        ("delivery", "0002_wanted_at"),
        ("flows", "0006_versions"),
    ]
    operations = [run_file("0001_initial.sql")]
