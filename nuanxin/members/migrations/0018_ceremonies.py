import django.db.models.deletion
import nuanxin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '__first__'),
        ('members', '0017_duplicate_keys'),
        ('organizations', '0002_doors'),
    ]

    operations = [
        migrations.CreateModel(
            name='Ceremony',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('title', models.CharField(max_length=100)),
                ('place', models.CharField(max_length=200)),
                ('starts_at', models.DateTimeField()),
                ('presided_by', models.CharField(max_length=100)),
                ('state', models.CharField(choices=[('planned', 'planned'), ('open', 'people join'), ('closed', 'over')], max_length=8)),
                ('code', models.CharField(max_length=12, unique=True)),
                ('shows_names', models.BooleanField(default=False)),
                ('opened_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
            ],
            options={
                'indexes': [models.Index(fields=['union', '-starts_at', '-id'], name='ceremony_of_union')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at', None)), _connector='OR'), name='ceremony_closed')],
            },
        ),
        migrations.CreateModel(
            name='CeremonyGuest',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=50)),
                ('phone_digest', models.BinaryField(default=bytes)),
                ('added_at', models.DateTimeField()),
                ('ceremony', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guests', to='members.ceremony')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('ceremony', 'position'), name='ceremony_guest_position')],
            },
        ),
        migrations.CreateModel(
            name='CeremonyJoining',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.application')),
                ('ceremony', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='joinings', to='members.ceremony')),
            ],
            options={
                'indexes': [models.Index(fields=['ceremony', 'at', 'id'], name='ceremony_joining_order')],
            },
        ),
        migrations.CreateModel(
            name='CeremonyKit',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('ceremony', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kits', to='members.ceremony')),
                ('handed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.membership')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('ceremony', 'membership'), name='ceremony_kit_once')],
            },
        ),
    ]
