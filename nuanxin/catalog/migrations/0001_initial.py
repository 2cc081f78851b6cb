import django.db.models.deletion
import nuanxin.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '__first__'),
        ('members', '0019_search_pending'),
        ('organizations', '0004_partners'),
    ]

    operations = [
        migrations.CreateModel(
            name='Area',
            fields=[
                ('code', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=30)),
                ('name_en', models.CharField(max_length=60)),
                ('icon', models.CharField(default='heart-handshake', max_length=30)),
                ('position', models.SmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('group_code', models.CharField(blank=True, max_length=30)),
                ('day', models.DateField()),
                ('at', models.DateTimeField()),
                ('times', models.SmallIntegerField(default=1)),
                ('cost', models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ('place', models.CharField(blank=True, max_length=120)),
                ('place_en', models.CharField(blank=True, max_length=200)),
                ('source_kind', models.CharField(max_length=20)),
                ('source_id', models.CharField(max_length=64)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('post_id', models.UUIDField(null=True)),
                ('account', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('corrects', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='catalog.delivery')),
                ('enterprise', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.enterprise')),
                ('union', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
                ('worker', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.worker')),
            ],
        ),
        migrations.CreateModel(
            name='ServiceTally',
            fields=[
                ('pk', models.CompositePrimaryKey('scope', 'counter', 'slice', 'month', blank=True, editable=False, primary_key=True, serialize=False)),
                ('scope', models.CharField(max_length=12)),
                ('counter', models.CharField(max_length=32)),
                ('slice', models.CharField(max_length=32)),
                ('month', models.DateField()),
                ('people', models.IntegerField(default=0)),
                ('enterprises', models.IntegerField(default=0)),
                ('times', models.IntegerField(default=0)),
                ('cost', models.DecimalField(decimal_places=2, default=0, max_digits=14)),
            ],
        ),
        migrations.CreateModel(
            name='TargetClass',
            fields=[
                ('code', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=30)),
                ('name_en', models.CharField(max_length=60)),
                ('position', models.SmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Uncounted',
            fields=[
                ('delivery', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='catalog.delivery')),
            ],
        ),
        migrations.CreateModel(
            name='Reached',
            fields=[
                ('pk', models.CompositePrimaryKey('counter', 'year', 'subject_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('counter', models.CharField(max_length=32)),
                ('year', models.SmallIntegerField()),
                ('subject_id', models.UUIDField()),
                ('is_enterprise', models.BooleanField()),
                ('group_code', models.CharField(blank=True, max_length=30)),
                ('month', models.DateField()),
                ('union', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
            ],
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('code', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('summary', models.CharField(blank=True, max_length=300)),
                ('summary_en', models.CharField(blank=True, max_length=600)),
                ('way', models.CharField(choices=[('book', 'Book it here'), ('scan', 'Show your member code there'), ('apply', 'Ask your union'), ('by_itself', 'Comes by itself'), ('walk_in', 'Just go there'), ('call', 'Call')], max_length=10)),
                ('how', models.CharField(blank=True, max_length=600)),
                ('how_en', models.CharField(blank=True, max_length=1200)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('department', models.CharField(blank=True, max_length=60)),
                ('department_en', models.CharField(blank=True, max_length=120)),
                ('checks', models.JSONField(default=list)),
                ('is_private', models.BooleanField(default=False)),
                ('cost_each', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('position', models.SmallIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('area', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.area')),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='service_dates'), models.CheckConstraint(condition=models.Q(('cost_each', None), ('cost_each__gte', 0), _connector='OR'), name='service_cost')],
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='service',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.service'),
        ),
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('year', models.SmallIntegerField()),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14)),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='budgets', to='catalog.service')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('service', 'year'), name='budget_once_a_year'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='budget_amount')],
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('year', models.SmallIntegerField()),
                ('number', models.SmallIntegerField()),
                ('name', models.CharField(max_length=100)),
                ('name_en', models.CharField(blank=True, max_length=200)),
                ('unit', models.CharField(choices=[('person', 'persons'), ('time', 'person-times'), ('enterprise', 'enterprises'), ('yuan', 'yuan')], max_length=10)),
                ('amount', models.BigIntegerField()),
                ('owner', models.CharField(max_length=60)),
                ('owner_en', models.CharField(blank=True, max_length=120)),
                ('due_on', models.DateField()),
                ('created_at', models.DateTimeField()),
                ('dropped_at', models.DateTimeField(null=True)),
                ('area', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.area')),
                ('group', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.occupationgroup')),
                ('service', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.service')),
                ('union', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
                ('heading', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.targetclass')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('dropped_at', None)), fields=('union', 'year', 'number'), name='target_number_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='target_amount'), models.CheckConstraint(condition=models.Q(('service', None), ('area', None), _connector='OR'), name='target_counts_one_thing'), models.CheckConstraint(condition=models.Q(('due_on__year', models.F('year'))), name='target_due_in_its_year')],
            },
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('worker__isnull', False)), fields=['worker', 'day'], name='delivery_of_worker'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('enterprise__isnull', False)), fields=['enterprise', 'day'], name='delivery_of_enterprise'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['-day', '-id'], name='delivery_day'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['union', '-day', '-id'], name='delivery_of_union'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['service', '-day', '-id'], name='delivery_of_service'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('source_kind', 'source_id'), name='delivery_once'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('worker', None), ('enterprise', None), _connector='XOR'), name='delivery_serves_one'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrects', None), ('cost__gte', 0), ('times', 1), models.Q(('source_kind', 'correction'), _negated=True)), models.Q(('corrects__isnull', False), ('cost__lte', 0), ('source_kind', 'correction'), ('times', -1)), _connector='OR'), name='delivery_or_counter_entry'),
        ),
    ]
