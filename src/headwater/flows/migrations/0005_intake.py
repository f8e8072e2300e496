from django.db import migrations

from headwater.core.migration import run_file


class Migration(migrations.Migration):
    dependencies = [("flows", "0004_shelves")]
    operations = [run_file("0005_intake.sql")]
