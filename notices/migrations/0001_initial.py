import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import notices.models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0002_two_step'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('objection', '异议答复'), ('payslip', '工资条已批准'), ('incident_waiting', '奖惩待确认'), ('incident', '奖惩已确认'), ('claim', '订单认领结果'), ('request_waiting', '申请待审批'), ('request', '申请审批结果'), ('swap', '换班'), ('handover', '交接未签'), ('duty_due', '职责将到期'), ('duty_missed', '职责未完成'), ('memo', '备忘提醒'), ('roster', '排班公布'), ('trial', '试发')], max_length=24, verbose_name='类别')),
                ('text', models.CharField(max_length=200, verbose_name='内容')),
                ('url', models.CharField(max_length=300, verbose_name='页面')),
                ('source', models.CharField(max_length=100, verbose_name='来源')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='已读时间')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL, verbose_name='账号')),
            ],
            options={
                'verbose_name': '通知',
                'verbose_name_plural': '通知',
                'ordering': ['-id'],
                'indexes': [
                    models.Index(fields=['account', '-id'], name='notices_notice_of_account'),
                    models.Index(condition=models.Q(('read_at__isnull', True)), fields=['account'], name='notices_notice_unread'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('account', 'source'), name='notices_notice_unique_source'),
                    models.CheckConstraint(condition=models.Q(('url__startswith', '/'), models.Q(('url__startswith', '//'), _negated=True)), name='notices_notice_url_on_this_site'),
                ],
            },
        ),
        migrations.CreateModel(
            name='NoticeChoice',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='notice_choice', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='账号')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='邮箱')),
                ('wecom_url', models.CharField(blank=True, max_length=300, verbose_name='企业微信机器人网址')),
                ('dingtalk_url', models.CharField(blank=True, max_length=300, verbose_name='钉钉机器人网址')),
                ('dingtalk_secret', models.CharField(blank=True, max_length=100, verbose_name='钉钉加签密钥')),
                ('email_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=notices.models.every_kind, size=None, verbose_name='邮件通知')),
                ('wecom_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=notices.models.every_kind, size=None, verbose_name='企业微信通知')),
                ('dingtalk_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=notices.models.every_kind, size=None, verbose_name='钉钉通知')),
                ('digest_hour', models.PositiveSmallIntegerField(blank=True, help_text='空：立即发送。', null=True, validators=[django.core.validators.MaxValueValidator(23)], verbose_name='每天几点汇总')),
            ],
            options={
                'verbose_name': '通知设置',
                'verbose_name_plural': '通知设置',
                'constraints': [models.CheckConstraint(condition=models.Q(('digest_hour__isnull', True), ('digest_hour__lte', 23), _connector='OR'), name='notices_noticechoice_hour')],
            },
        ),
        migrations.CreateModel(
            name='NoticeDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', '邮件'), ('wecom', '企业微信'), ('dingtalk', '钉钉')], max_length=16, verbose_name='途径')),
                ('state', models.CharField(choices=[('waiting', '待发送'), ('sent', '已发送'), ('failed', '发送失败'), ('dropped', '不再发送')], default='waiting', max_length=16, verbose_name='状态')),
                ('due_at', models.DateTimeField(help_text='失败后推迟到下一次尝试的时间。', verbose_name='发送时间')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='尝试次数')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='失败原因')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='发出时间')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notices.notice', verbose_name='通知')),
            ],
            options={
                'verbose_name': '通知发送',
                'verbose_name_plural': '通知发送',
                'ordering': ['-id'],
                'indexes': [
                    models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='notices_noticedelivery_waiting'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('notice', 'channel'), name='notices_noticedelivery_unique'),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='read_only', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."url" IS DISTINCT FROM (NEW."url") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."at" IS DISTINCT FROM (NEW."at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='3f3922610b4c60e476facfdea753134c222c7664', operation='UPDATE', pgid='pgtrigger_read_only_3dba6', table='notices_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='21165cb4967b524741398c22e2e37a489fd3da87', operation='DELETE', pgid='pgtrigger_no_delete_40d86', table='notices_notice', when='BEFORE')),
        ),
    ]
