import django.contrib.postgres.fields
import django.db.models.deletion
import nuanxin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '0007_partner_staff'),
        ('access', '__first__'),
        ('bookings', '0001_initial'),
        ('members', '0019_search_pending'),
        ('organizations', '0004_partners'),
        ('regions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='BusRoute',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.partner')),
                ('offer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.offer')),
            ],
        ),
        migrations.CreateModel(
            name='BusSite',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('address', models.CharField(blank=True, max_length=120)),
                ('region', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region')),
                ('route', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='activities.busroute')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('route', 'name'), name='bus_site_name_once')],
            },
        ),
        migrations.CreateModel(
            name='BusDay',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('moved', 'Moved to another day')], default='planned', max_length=8)),
                ('moved_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('moved_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moved_from', to='activities.busday')),
                ('route', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='days', to='activities.busroute')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='activities.bussite')),
            ],
            options={
                'indexes': [models.Index(fields=['day', 'id'], name='bus_day_calendar')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'planned')), fields=('route', 'day'), name='bus_one_site_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('moved_at__isnull', False), ('moved_to__isnull', False), ('state', 'moved')), models.Q(('moved_to', None), ('state', 'planned')), _connector='OR'), name='bus_day_moved_to')],
            },
        ),
        migrations.CreateModel(
            name='BusWindow',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('bus_day', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='windows', to='activities.busday')),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.session')),
            ],
        ),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('token_digest', models.BinaryField(unique=True)),
                ('created_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('worker', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.worker')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('worker',), name='calendar_feed_one_live')],
            },
        ),
        migrations.CreateModel(
            name='CheckPackage',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=30)),
                ('name', models.CharField(max_length=60)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('items', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                ('items_en', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None)),
                ('is_add_on', models.BooleanField(default=False)),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(blank=True, null=True)),
                ('source_note', models.CharField(max_length=200)),
                ('group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.occupationgroup')),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('union', 'code', 'valid_from'), name='check_package_row_once'), models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='check_package_dates')],
            },
        ),
        migrations.CreateModel(
            name='CheckResult',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sealed_report', models.BinaryField()),
                ('sealed_finding', models.BinaryField()),
                ('size', models.PositiveIntegerField()),
                ('staff_id', models.UUIDField(null=True)),
                ('given_at', models.DateTimeField()),
                ('replaced_at', models.DateTimeField(null=True)),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.booking')),
                ('bus_day', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='activities.busday')),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.partnerdevice')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.worker')),
            ],
            options={
                'indexes': [models.Index(fields=['worker', '-id'], name='check_result_of_worker')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('booking',), name='check_result_once')],
            },
        ),
        migrations.CreateModel(
            name='Companion',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('nth', models.PositiveSmallIntegerField()),
                ('sealed_name', models.BinaryField()),
                ('sealed_relation', models.BinaryField()),
                ('booking', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.booking')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('booking', 'nth'), name='companion_once')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('sport', 'Sports'), ('film', 'Film'), ('law', 'Law'), ('training', 'Training'), ('health', 'Health'), ('culture', 'Culture'), ('other', 'Other')], default='other', max_length=10)),
                ('live_url', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField()),
                ('offer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.offer')),
            ],
        ),
        migrations.CreateModel(
            name='EventConsent',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('given_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='activities.event')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.worker')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('event', 'worker'), name='event_consent_once'), models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('withdrawn_at__gte', models.F('given_at')), _connector='OR'), name='event_consent_dates')],
            },
        ),
        migrations.CreateModel(
            name='EventPhoto',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('caption', models.CharField(blank=True, max_length=100)),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='activities.event')),
            ],
            options={
                'indexes': [models.Index(fields=['event', '-id'], name='event_photo_newest')],
            },
        ),
        migrations.CreateModel(
            name='EventPhotoPerson',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('consent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='activities.eventconsent')),
                ('photo', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='people', to='activities.eventphoto')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('photo', 'consent'), name='event_photo_person_once')],
            },
        ),
        migrations.CreateModel(
            name='FindingCount',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('group_code', models.CharField(blank=True, max_length=30)),
                ('finding', models.CharField(choices=[('good', 'Nothing found'), ('follow_up', 'To be looked at again'), ('urgent', 'To be treated soon')], max_length=10)),
                ('people', models.PositiveIntegerField(default=0)),
                ('route', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='activities.busroute')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('route', 'group_code', 'finding'), name='finding_count_once')],
            },
        ),
        migrations.CreateModel(
            name='MovedBooking',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('was_at', models.DateTimeField()),
                ('moved_at', models.DateTimeField()),
                ('given_back_at', models.DateTimeField(null=True)),
                ('booking', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.booking')),
                ('bus_day', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='activities.busday')),
            ],
        ),
        migrations.CreateModel(
            name='Program',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=16, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('created_at', models.DateTimeField()),
                ('union', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
            ],
            options={
                'indexes': [models.Index(fields=['union', '-id'], name='program_of_union')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='program_dates')],
            },
        ),
        migrations.AddField(
            model_name='event',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='activities.program'),
        ),
        migrations.CreateModel(
            name='Recuperation',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('destination', models.CharField(max_length=100)),
                ('destination_en', models.CharField(blank=True, max_length=150)),
                ('is_outside', models.BooleanField()),
                ('days', models.PositiveSmallIntegerField()),
                ('yuan_per_day', models.DecimalField(decimal_places=2, max_digits=14)),
                ('companion_yuan', models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ('rules', models.JSONField(default=list)),
                ('created_at', models.DateTimeField()),
                ('offer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.offer')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('days__gte', 1)), name='recuperation_days')],
            },
        ),
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sent_id', models.UUIDField()),
                ('number', models.CharField(max_length=8)),
                ('at', models.DateTimeField()),
                ('told_at', models.DateTimeField()),
                ('answer', models.CharField(choices=[('booked', 'Welcome: booked for this time'), ('walk_in', 'Welcome: a place for those without a booking'), ('not_listed', "Not on today's list"), ('already', 'Arrived already'), ('early', 'Too early'), ('late', 'This time is over'), ('walk_ins_full', 'No more places for those without a booking'), ('no_window', 'The bus is not open now')], max_length=14)),
                ('state', models.CharField(choices=[('counted', 'Counted'), ('clash', 'Waits for a decision'), ('stands', 'Decided: was served'), ('dropped', 'Decided: does not count')], default='counted', max_length=8)),
                ('clash', models.CharField(blank=True, choices=[('double', 'The same person was let in elsewhere too'), ('revoked', 'The card was replaced before that'), ('not_member', 'The membership rested or had ended'), ('cancelled', 'The booking had been given back'), ('other_time', 'The booking is for another time'), ('over_capacity', 'There was no place left'), ('not_entitled', 'Not among those who may come without a booking'), ('replayed', 'The same code was shown at another device'), ('forged', 'The code is not genuine'), ('bad_clock', 'The device told an impossible time')], max_length=14)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('called_at', models.DateTimeField(null=True)),
                ('booking', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.booking')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('device', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.partnerdevice')),
                ('session', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bookings.session')),
                ('worker', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.worker')),
                ('bus_day', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='arrivals', to='activities.busday')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'clash')), fields=['at', 'id'], name='arrival_clashes'), models.Index(fields=['bus_day', 'called_at', 'at'], name='arrival_queue')],
                'constraints': [models.UniqueConstraint(fields=('device', 'sent_id'), name='arrival_told_once'), models.CheckConstraint(condition=models.Q(models.Q(('clash', ''), ('state', 'counted')), models.Q(models.Q(('state', 'counted'), _negated=True), models.Q(('clash', ''), _negated=True)), _connector='OR'), name='arrival_clash_named'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state__in', ('counted', 'clash'))), models.Q(('decided_at__isnull', False), ('state__in', ('stands', 'dropped'))), _connector='OR'), name='arrival_decided')],
            },
        ),
        migrations.CreateModel(
            name='BusDevice',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('letter', models.CharField(max_length=1)),
                ('bus_day', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='devices', to='activities.busday')),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.partnerdevice')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('bus_day', 'device'), name='bus_device_once'), models.UniqueConstraint(fields=('bus_day', 'letter'), name='bus_letter_once')],
            },
        ),
    ]
