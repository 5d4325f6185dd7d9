"""A proxy of another package's model, whose own table needs the accounts of 0001 first."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("otp_totp", "0003_add_timestamps")]

    operations = [
        migrations.CreateModel(
            name='TwoStep',
            fields=[
            ],
            options={
                'verbose_name': '两步验证器',
                'verbose_name_plural': '两步验证器',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('otp_totp.totpdevice',),
        ),
    ]
