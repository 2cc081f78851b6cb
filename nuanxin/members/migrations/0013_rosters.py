import django.db.models.deletion
import nuanxin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '__first__'),
        ('members', '0012_cells'),
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Roster',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=16, unique=True)),
                ('state', models.CharField(choices=[('checking', 'Being checked'), ('checked', 'Checked: waiting for your decision'), ('committing', 'Being enrolled'), ('done', 'Done'), ('failed', 'Could not be read'), ('undone', 'Undone')], default='checking', max_length=10)),
                ('batch', models.CharField(blank=True, max_length=60)),
                ('sealed_key', models.BinaryField()),
                ('file_name', models.CharField(max_length=120)),
                ('file_size', models.PositiveIntegerField()),
                ('file_digest', models.BinaryField()),
                ('headers', models.JSONField(default=list)),
                ('columns', models.JSONField(default=dict)),
                ('defaults', models.JSONField(default=dict)),
                ('findings', models.JSONField(default=list)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('checked', models.PositiveIntegerField(default=0)),
                ('committed', models.PositiveIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('partial', models.BooleanField(default=False)),
                ('failure', models.JSONField(default=dict)),
                ('post_id', models.UUIDField(null=True)),
                ('source_id', models.UUIDField(null=True)),
                ('uploaded_at', models.DateTimeField()),
                ('beat_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField(null=True)),
                ('committed_post_id', models.UUIDField(null=True)),
                ('commit_asked_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('told', models.BooleanField(default=False)),
                ('committed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('enterprise', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.enterprise')),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['union', '-id'], name='roster_of_union'), models.Index(fields=['enterprise', '-id'], name='roster_of_enterprise'), models.Index(condition=models.Q(('batch', ''), _negated=True), fields=['batch'], name='roster_batch'), models.Index(condition=models.Q(('state__in', ['checking', 'committing']), models.Q(('state', 'done'), ('told', False)), _connector='OR'), fields=['beat_at'], name='roster_at_work')],
            },
        ),
        migrations.CreateModel(
            name='RosterChunk',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('first_line', models.PositiveIntegerField()),
                ('last_line', models.PositiveIntegerField()),
                ('committed_at', models.DateTimeField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('roster', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.roster')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('roster', 'number'), name='roster_chunk_once'), models.CheckConstraint(condition=models.Q(('last_line__gte', models.F('first_line'))), name='roster_chunk_lines')],
            },
        ),
        migrations.CreateModel(
            name='RosterFile',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sealed_content', models.BinaryField()),
                ('roster', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.roster')),
            ],
        ),
        migrations.CreateModel(
            name='RosterRow',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('line', models.PositiveIntegerField()),
                ('outcome', models.CharField(choices=[('new', 'New member'), ('member', 'Already a member here'), ('transfer', 'Member of another union: transfer'), ('conflict', 'Contradicts what is registered'), ('error', 'Needs mending')], max_length=8)),
                ('problems', models.JSONField(default=list)),
                ('sealed_cells', models.BinaryField()),
                ('id_digest', models.BinaryField(null=True)),
                ('phone_digest', models.BinaryField(null=True)),
                ('membership', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.membership')),
                ('roster', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.roster')),
                ('union', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('outcome', 'new'), _negated=True), fields=['roster', 'outcome', 'line'], name='roster_row_outcome'), models.Index(condition=models.Q(('membership__isnull', False)), fields=['membership'], name='roster_row_membership')],
                'constraints': [models.UniqueConstraint(fields=('roster', 'line'), name='roster_row_once')],
            },
        ),
    ]
