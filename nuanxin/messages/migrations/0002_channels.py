"""Texts go by several channels, notices are spread by the background, and people choose."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Cast

import nuanxin.kernel.ids


def carry(apps, schema_editor):
    """What was told before is not told again; a text without a fact is its own."""
    apps.get_model("notices", "Notice").objects.update(spread_at=F("created_at"))
    texts = apps.get_model("notices", "TextMessage").objects
    texts.update(fact=Cast("id", models.CharField()))


CHANNELS = [('app', 'in the app'), ('weixin', 'WeChat'), ('sms', 'text message'), ('email', 'e-mail'), ('wecom', 'WeCom group'), ('dingtalk', 'DingTalk group')]
KINDS = [('code', 'Codes'), ('security', 'Safety of my account'), ('application', 'Decisions on my application'), ('membership', 'My membership'), ('progress', 'How things go on'), ('work', 'My work at the desk')]


class Migration(migrations.Migration):

    dependencies = [("notices", "0001_initial")]

    operations = [
        migrations.RenameField("textmessage", "sealed_phone", "sealed_address"),
        migrations.RenameField("textmessage", "phone_digest", "address_digest"),
        migrations.AddField("notice", "union_id", models.UUIDField(null=True)),
        migrations.AddField("notice", "spread_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name='GroupChat',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('union_id', models.UUIDField()),
                ('channel', models.CharField(choices=CHANNELS, max_length=8)),
                ('name', models.CharField(max_length=60)),
                ('sealed_address', models.BinaryField()),
                ('address_digest', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('union_id', 'address_digest'), name='group_chat_once'),
                    models.CheckConstraint(condition=models.Q(('channel__in', ['dingtalk', 'wecom'])), name='group_chat_channel'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.UUIDField()),
                ('kind', models.CharField(choices=KINDS, max_length=12)),
                ('channels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=CHANNELS, max_length=8), size=None)),
                ('changed_at', models.DateTimeField()),
            ],
            options={'constraints': [models.UniqueConstraint(fields=('account_id', 'kind'), name='preference_once')]},
        ),
        migrations.CreateModel(
            name='Address',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.UUIDField()),
                ('channel', models.CharField(choices=CHANNELS, max_length=8)),
                ('sealed_address', models.BinaryField()),
                ('address_digest', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
            ],
            options={'constraints': [models.UniqueConstraint(fields=('account_id', 'channel'), name='address_one_each')]},
        ),
        migrations.CreateModel(
            name='Outlet',
            fields=[
                ('channel', models.CharField(choices=CHANNELS, max_length=8, primary_key=True, serialize=False)),
                ('succeeded_at', models.DateTimeField(null=True)),
                ('failed_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=200)),
                ('failures', models.IntegerField(default=0)),
            ],
        ),
        migrations.AddField("textmessage", "channel", models.CharField(choices=CHANNELS, default='sms', max_length=8)),
        migrations.AddField("textmessage", "kind", models.CharField(choices=KINDS, default='code', max_length=12)),
        migrations.AddField("textmessage", "fact", models.CharField(default='', max_length=120), preserve_default=False),
        migrations.AddField("textmessage", "masked", models.CharField(blank=True, max_length=80), preserve_default=True),
        migrations.AddField("textmessage", "sealed_values", models.BinaryField(default=b'')),
        migrations.AddField("textmessage", "link", models.CharField(blank=True, max_length=200)),
        migrations.AddField("textmessage", "union_id", models.UUIDField(null=True)),
        migrations.AddField("textmessage", "account_id", models.UUIDField(null=True)),
        migrations.AddField("textmessage", "notice", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notices.notice')),
        migrations.AddField("textmessage", "chat", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='notices.groupchat')),
        migrations.AddField("textmessage", "is_urgent", models.BooleanField(default=False)),
        migrations.AddField("textmessage", "receipt_at", models.DateTimeField(null=True)),
        migrations.AlterField("textmessage", "state", models.CharField(choices=[('queued', 'on its way'), ('sent', 'sent'), ('delivered', 'arrived'), ('read', 'read'), ('failed', 'failed')], default='queued', max_length=9)),
        migrations.RunPython(carry, migrations.RunPython.noop),
        migrations.RemoveConstraint("notice", "notice_once_per_fact"),
        migrations.AddConstraint("notice", models.UniqueConstraint(fields=('account_id', 'template', 'fact'), name='notice_once_per_fact')),
        migrations.AddIndex("notice", models.Index(condition=models.Q(('read_at', None)), fields=['account_id'], name='notice_unread')),
        migrations.AddIndex("notice", models.Index(condition=models.Q(('spread_at', None)), fields=['created_at'], name='notice_to_spread')),
        migrations.AddConstraint("textmessage", models.UniqueConstraint(fields=('address_digest', 'template', 'fact'), name='text_once_per_fact')),
        migrations.AddIndex("textmessage", models.Index(condition=models.Q(('union_id', None), _negated=True), fields=['union_id', 'created_at'], name='text_of_union')),
        migrations.AddIndex("textmessage", models.Index(condition=models.Q(('state', 'failed')), fields=['created_at'], name='text_failed')),
        migrations.AddIndex("textmessage", models.Index(condition=models.Q(('notice', None), _negated=True), fields=['notice'], name='text_of_notice')),
        migrations.AddIndex("textmessage", models.Index(condition=models.Q(('account_id', None), _negated=True), fields=['account_id'], name='text_of_account')),
    ]
