from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("flows", "0003_calls")]
    operations = [run_file("0004_shelves.sql")]
