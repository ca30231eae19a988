import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0011_waves_phases_blueprint'),
    ]

    operations = [
        migrations.CreateModel(
            name='BackupTry',
            fields=[
                ('clinic', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='backup_try', serialize=False, to='clinics.clinic')),
                ('began_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('failures', models.PositiveSmallIntegerField(default=0, help_text='In a row; one that is under way counts')),
                ('code', models.CharField(blank=True, max_length=200)),
                ('made_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name_plural': 'backup tries',
                'ordering': ['clinic'],
            },
        ),
    ]
