import django.contrib.postgres.fields
import django.db.models.deletion
import nuanxin.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organizations', '0003_national'),
        ('regions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('station', 'Station for workers'), ('shop', 'Shop'), ('gym', 'Gym or sports ground'), ('cinema', 'Cinema or theater'), ('hospital', 'Hospital'), ('clinic', 'Check-up provider'), ('office', "The union's own counter"), ('other', 'Something else')], max_length=10)),
                ('name', models.CharField(max_length=60)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('contact', models.CharField(blank=True, max_length=60)),
                ('contact_phone', models.CharField(blank=True, max_length=30)),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('union', 'name'), name='partner_name_once')],
            },
        ),
        migrations.CreateModel(
            name='PartnerContract',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=40)),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField()),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('check_up', 'Check-ups'), ('recuperation', 'Recuperation and outings'), ('event', 'Events'), ('coupon', 'Coupons'), ('pack', 'Welcome packs')], max_length=20), size=None)),
                ('day_cap', models.PositiveIntegerField(blank=True, null=True)),
                ('month_cap', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ('settlement_day', models.PositiveSmallIntegerField(default=5)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='organizations.partner')),
            ],
            options={
                'indexes': [models.Index(fields=['partner', '-valid_from', '-id'], name='partner_contract_newest')],
                'constraints': [models.UniqueConstraint(fields=('partner', 'number'), name='partner_contract_number'), models.CheckConstraint(condition=models.Q(('valid_until__gt', models.F('valid_from'))), name='partner_contract_dates'), models.CheckConstraint(condition=models.Q(('settlement_day__gte', 1), ('settlement_day__lte', 28)), name='partner_contract_settles'), models.CheckConstraint(condition=models.Q(('month_cap', None), ('month_cap__gt', 0), _connector='OR'), name='partner_contract_month_cap')],
            },
        ),
        migrations.CreateModel(
            name='PartnerPlace',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('address', models.CharField(max_length=200)),
                ('hours', models.CharField(blank=True, max_length=100)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('created_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='organizations.partner')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region')),
            ],
            options={
                'indexes': [models.Index(fields=['region', 'id'], name='partner_place_of_region')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('partner', 'name'), name='partner_place_name_once')],
            },
        ),
    ]
