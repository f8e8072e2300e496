from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_look"),
    ]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[("owner", "Owner"), ("admin", "Admin"), ("marketer", "Marketer"), ("analyst", "Analyst")],
                max_length=20,
            ),
        ),
        migrations.RunSQL(
            """
            UPDATE membership
            SET role = CASE role WHEN 'editor' THEN 'marketer' ELSE 'analyst' END
            WHERE role IN ('editor', 'viewer')
            """,
            """
            UPDATE membership
            SET role = CASE role WHEN 'analyst' THEN 'viewer' ELSE 'editor' END
            WHERE role IN ('admin', 'marketer', 'analyst')
            """,
        ),
    ]
