from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [run_file("0002_pausing.sql")]
