import django.db.models.deletion
import nuanxin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '0005_linked_identities'),
        ('access', '__first__'),
        ('organizations', '0002_doors'),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('wanted', models.CharField(choices=[('form', 'form a union and enroll its people'), ('enroll', 'enroll its people')], max_length=8)),
                ('state', models.CharField(choices=[('sent', 'sent'), ('opened', 'opened'), ('accepted', 'accepted'), ('declined', 'declined'), ('lapsed', 'lapsed')], max_length=8)),
                ('permit_type', models.CharField(blank=True, max_length=60)),
                ('token_digest', models.BinaryField(unique=True)),
                ('sealed_token', models.BinaryField()),
                ('code_digest', models.BinaryField(unique=True)),
                ('sealed_code', models.BinaryField()),
                ('was_texted', models.BooleanField(default=False)),
                ('sent_at', models.DateTimeField()),
                ('lapses_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.enterprise')),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
            ],
            options={
                'indexes': [models.Index(fields=['union', '-id'], name='invitation_of_union'), models.Index(condition=models.Q(('state__in', ('sent', 'opened'))), fields=['lapses_at'], name='invitation_to_lapse')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('sent', 'opened'))), fields=('enterprise',), name='invitation_one_open'), models.CheckConstraint(condition=models.Q(('state__in', ['sent', 'opened', 'lapsed']), ('answered_at__isnull', False), _connector='OR'), name='invitation_answered')],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('sent', 'sent'), ('opened', 'opened'), ('used', 'confirmed by the worker'), ('declined', 'not wanted'), ('lapsed', 'lapsed')], max_length=8)),
                ('permit_type', models.CharField(blank=True, max_length=60)),
                ('token_digest', models.BinaryField(unique=True)),
                ('sealed_values', models.BinaryField()),
                ('id_digest', models.BinaryField()),
                ('phone_digest', models.BinaryField()),
                ('application_number', models.CharField(blank=True, max_length=20)),
                ('sent_at', models.DateTimeField()),
                ('lapses_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('door', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.door')),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
            ],
            options={
                'indexes': [models.Index(fields=['phone_digest'], name='offer_phone'), models.Index(condition=models.Q(('state__in', ('sent', 'opened', 'used'))), fields=['lapses_at'], name='offer_to_lapse')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('sent', 'opened', 'used'))), fields=('id_digest',), name='offer_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'used'), _negated=True), models.Q(('application_number', ''), _negated=True), _connector='OR'), name='offer_used_has_a_number')],
            },
        ),
        migrations.CreateModel(
            name='PermitSource',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('signing', models.CharField(choices=[('hmac-sha256', 'HMAC-SHA256 with a shared secret'), ('ecdsa-p256', 'ECDSA P-256 with its own key')], max_length=12)),
                ('sealed_secret', models.BinaryField(default=bytes)),
                ('public_key', models.BinaryField(default=bytes)),
                ('created_at', models.DateTimeField()),
                ('client', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.apiclient')),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('public_key', b''), ('signing', 'hmac-sha256'), models.Q(('sealed_secret', b''), _negated=True)), models.Q(('sealed_secret', b''), ('signing', 'ecdsa-p256'), models.Q(('public_key', b''), _negated=True)), _connector='OR'), name='permit_source_one_key')],
            },
        ),
        migrations.CreateModel(
            name='PermitMessage',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sender', models.CharField(max_length=60)),
                ('external_id', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('permit_issued', 'Operating permit issued'), ('permit_reviewed', 'Operating permit reviewed'), ('qualification_issued', 'Qualification issued'), ('qualification_reviewed', 'Qualification reviewed')], max_length=24)),
                ('body_digest', models.BinaryField()),
                ('paper_digest', models.BinaryField()),
                ('sealed_payload', models.BinaryField()),
                ('occurred_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('received', 'received'), ('done', 'carried out'), ('failed', 'not carried out')], max_length=8)),
                ('fate', models.CharField(blank=True, choices=[('invited', 'The enterprise was invited to form a union and enroll its people'), ('asked_to_enroll', 'A union covers the enterprise; it was invited to enroll its people'), ('invited_before', 'The enterprise has an open invitation already; nobody was told twice'), ('at_work', 'A union covers the enterprise and its people office enrolls; nothing more to do'), ('offered', 'The worker got a link to an application that is filled in already'), ('offered_before', 'The worker has such a link already; nobody was told twice'), ('member_already', 'The person is a member already; nothing was sent'), ('applied_already', 'The person has an open application; nothing was sent'), ('overtaken', 'A later message about the same paper came first; this one changes nothing')], max_length=20)),
                ('problems', models.JSONField(default=list)),
                ('attempts', models.SmallIntegerField(default=0)),
                ('tried_at', models.DateTimeField(null=True)),
                ('answer', models.JSONField(default=dict)),
                ('enterprise', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.enterprise')),
                ('invitation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='formation.invitation')),
                ('offer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='formation.offer')),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='formation.permitsource')),
            ],
            options={
                'indexes': [models.Index(fields=['-received_at', '-id'], name='permit_message_day'), models.Index(fields=['paper_digest', '-occurred_at'], name='permit_message_paper'), models.Index(condition=models.Q(('state', 'received')), fields=['received_at'], name='permit_message_waiting')],
                'constraints': [models.UniqueConstraint(fields=('sender', 'external_id'), name='permit_message_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), models.Q(('fate', ''), _negated=True)), models.Q(models.Q(('state', 'done'), _negated=True), ('fate', '')), _connector='OR'), name='permit_message_fate')],
            },
        ),
        migrations.CreateModel(
            name='PermitStep',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('what', models.CharField(choices=[('arrived', 'Arrived, signature checked'), ('repeated', 'Arrived once more, the same; got the same answer'), ('changed_copy', 'Arrived once more with other content; refused'), ('done', 'Carried out'), ('failed', 'Failed'), ('replayed', 'Tried again by hand')], max_length=12)),
                ('who', models.CharField(blank=True, max_length=60)),
                ('note', models.CharField(blank=True, max_length=40)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='formation.permitmessage')),
            ],
            options={
                'indexes': [models.Index(fields=['message', 'at', 'id'], name='permit_step_order')],
            },
        ),
    ]
