import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0002_two_step'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('handover', '交接'), ('duty', '职责'), ('certificate', '证明')], max_length=16, verbose_name='用途')),
                ('file_name', models.CharField(max_length=255, verbose_name='文件名')),
                ('stored_name', models.CharField(editable=False, max_length=32, unique=True)),
                ('type', models.CharField(choices=[('image/jpeg', 'JPEG'), ('image/png', 'PNG'), ('image/webp', 'WebP'), ('application/pdf', 'PDF')], max_length=32, verbose_name='格式')),
                ('size', models.PositiveIntegerField(verbose_name='字节')),
                ('at', models.DateTimeField(verbose_name='上传时间')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='people.staff', verbose_name='员工')),
            ],
            options={
                'verbose_name': '附件',
                'verbose_name_plural': '附件',
                'ordering': ['-id'],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attachment',
            trigger=pgtrigger.compiler.Trigger(name='unchanged', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='7d04b823b0cd570fc7b5641ca24b7a389a7fb318', operation='UPDATE', pgid='pgtrigger_unchanged_5aea0', table='files_attachment', when='BEFORE')),
        ),
    ]
