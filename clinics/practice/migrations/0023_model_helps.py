from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practice", "0022_voices")]

    operations = [
        migrations.AddField(
            model_name="callpolicy",
            name="model_helps",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
