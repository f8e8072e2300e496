from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = []
    operations = [run_file("0001_initial.sql")]
