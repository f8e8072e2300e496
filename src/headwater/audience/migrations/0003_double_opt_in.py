from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("audience", "0002_for_segments")]
    operations = [run_file("0003_double_opt_in.sql")]
