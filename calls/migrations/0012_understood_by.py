from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0011_voices")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="understood_by",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The model and prompt that helped; blank: rules",
                max_length=80,
            ),
        ),
    ]
