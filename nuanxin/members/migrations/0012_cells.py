import django.db.models.deletion
import nuanxin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '__first__'),
        ('members', '0011_duplicates'),
    ]

    operations = [
        migrations.CreateModel(
            name='Cell',
            fields=[
                ('code', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('address', models.CharField(max_length=200)),
                ('signing_point', models.BinaryField()),
                ('sealing_point', models.BinaryField()),
                ('closed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AlterField(
            model_name='membership',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('left', 'Left of own accord'), ('left_automatically', 'Left: six months without dues or union life'), ('expelled', 'Expelled'), ('deceased', 'Deceased'), ('moved_away', 'Moved to a union of another registry'), ('elsewhere', 'A member of another registry already, and not moved here'), ('undone', 'Enrolled by a roster that was undone'), ('merged', 'Kept under another record of the same person')], max_length=20),
        ),
        migrations.AlterField(
            model_name='membershipentry',
            name='act',
            field=models.CharField(choices=[('admitted', 'admitted'), ('suspended', 'suspended'), ('resumed', 'resumed'), ('transferred', 'moved to another union'), ('arrived', 'came from a union of another registry'), ('retained', 'retained: no dues, no vote, not counted as active'), ('returned', 'taken up again after it was retained'), ('warned', 'asked to pay dues or take part again'), ('cleared', 'takes part again: the request is settled'), ('merged', 'merged with another record of the same person'), ('unmerged', 'the merger of two records was undone'), ('ended', 'ended')], max_length=12),
        ),
        migrations.CreateModel(
            name='CellClaim',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('digest', models.BinaryField()),
                ('state', models.CharField(choices=[('waiting', 'The directory is being asked'), ('granted', 'Granted: this cell counts the member'), ('elsewhere', 'Another cell holds the member'), ('leaving', 'Ended: the directory is being told'), ('handed', 'Handed over to another cell'), ('closed', 'Closed')], default='waiting', max_length=10)),
                ('version', models.BigIntegerField(null=True)),
                ('counted', models.BooleanField(default=False)),
                ('admitted', models.BooleanField(default=False)),
                ('other_cell', models.CharField(blank=True, max_length=20)),
                ('asked_at', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
                ('tries', models.IntegerField(default=0)),
                ('settled_at', models.DateTimeField(null=True)),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.membership')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'elsewhere', 'leaving'])), fields=['next_at'], name='cell_claim_due'), models.Index(fields=['digest'], name='cell_claim_digest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'granted', 'elsewhere'))), fields=('membership',), name='cell_claim_one_live'), models.CheckConstraint(condition=models.Q(('counted', False), models.Q(('state', 'granted'), ('version__isnull', False)), _connector='OR'), name='cell_claim_counts_if_granted')],
            },
        ),
        migrations.CreateModel(
            name='CellReceipt',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sender', models.CharField(max_length=20)),
                ('receiver', models.CharField(max_length=20)),
                ('message', models.UUIDField()),
                ('kind', models.CharField(choices=[('claim', 'asks whether we may count people'), ('release', 'gives people back whose membership ended'), ('hand_over', 'hands a person over to another cell'), ('look_up', 'looks up whether we hold a person'), ('cells', 'asks which cells there are'), ('request', 'asks for a member who wants to come'), ('package', 'brings a member with number and history'), ('refusal', 'does not let a member go, and says why')], max_length=10)),
                ('body_digest', models.BinaryField()),
                ('transfer', models.UUIDField(null=True)),
                ('answer', models.JSONField()),
                ('taken_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['taken_at'], name='cell_receipt_age'), models.Index(condition=models.Q(('transfer__isnull', False)), fields=['transfer'], name='cell_receipt_transfer')],
                'constraints': [models.UniqueConstraint(fields=('sender', 'receiver', 'message'), name='cell_receipt_once')],
            },
        ),
        migrations.CreateModel(
            name='CellTransfer',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('direction', models.CharField(choices=[('in', 'Comes to us'), ('out', 'Leaves us')], max_length=3)),
                ('other_cell', models.CharField(max_length=20)),
                ('other_claim', models.UUIDField(null=True)),
                ('other_union', models.CharField(blank=True, max_length=200)),
                ('state', models.CharField(choices=[('offered', 'Offered to the member'), ('requested', 'The other cell is being asked'), ('arrived', 'The package is here; the directory is being asked'), ('asked', 'The other cell asks for the member'), ('sent', 'The package is on its way'), ('done', 'Moved'), ('refused', 'Refused'), ('declined', 'Not wanted'), ('lapsed', 'Closed: nobody answered in time, or there is nothing to move any more')], max_length=10)),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('basis', models.CharField(blank=True, max_length=300)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('sealed_package', models.BinaryField(default=bytes)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.cellclaim')),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.membership')),
            ],
            options={
                'indexes': [models.Index(fields=['-opened_at', '-id'], name='cell_transfer_newest'), models.Index(condition=models.Q(('state__in', ['offered', 'asked'])), fields=['due_at'], name='cell_transfer_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('offered', 'requested', 'arrived', 'asked', 'sent'))), fields=('membership',), name='cell_transfer_one_open')],
            },
        ),
        migrations.CreateModel(
            name='CellMessage',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('receiver', models.CharField(max_length=20)),
                ('kind', models.CharField(choices=[('claim', 'asks whether we may count people'), ('release', 'gives people back whose membership ended'), ('hand_over', 'hands a person over to another cell'), ('look_up', 'looks up whether we hold a person'), ('cells', 'asks which cells there are'), ('request', 'asks for a member who wants to come'), ('package', 'brings a member with number and history'), ('refusal', 'does not let a member go, and says why')], max_length=10)),
                ('sealed_body', models.BinaryField()),
                ('state', models.CharField(choices=[('waiting', 'Not answered yet'), ('done', 'Answered')], default='waiting', max_length=10)),
                ('written_at', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
                ('tries', models.IntegerField(default=0)),
                ('trouble', models.CharField(blank=True, max_length=60)),
                ('answered_at', models.DateTimeField(null=True)),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.cellclaim')),
                ('transfer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='members.celltransfer')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['next_at', 'id'], name='cell_message_due')],
            },
        ),
        migrations.CreateModel(
            name='DirectoryEntry',
            fields=[
                ('digest', models.BinaryField(primary_key=True, serialize=False)),
                ('cell', models.CharField(blank=True, max_length=20)),
                ('claim', models.UUIDField(null=True)),
                ('version', models.BigIntegerField(default=0)),
                ('since', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['cell'], name='directory_of_cell')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('cell', ''), ('claim__isnull', True)), models.Q(models.Q(('cell', ''), _negated=True), ('claim__isnull', False)), _connector='OR'), name='directory_held_by_a_claim')],
            },
        ),
        migrations.CreateModel(
            name='DirectoryMove',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('digest', models.BinaryField()),
                ('version', models.BigIntegerField()),
                ('cell', models.CharField(blank=True, max_length=20)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('digest', 'version'), name='directory_move_once')],
            },
        ),
        migrations.CreateModel(
            name='EarlierStay',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('stay', models.UUIDField()),
                ('cell', models.CharField(max_length=20)),
                ('cell_name', models.CharField(max_length=100)),
                ('union_code', models.CharField(max_length=20)),
                ('union_name', models.CharField(max_length=200)),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.membership')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('membership', 'stay'), name='earlier_stay_once')],
            },
        ),
    ]
