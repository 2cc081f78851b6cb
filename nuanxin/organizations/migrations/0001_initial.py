import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import nuanxin.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('regions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Door',
            fields=[
                ('code', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('name_en', models.CharField(max_length=60)),
                ('opened_on', models.DateField()),
                ('closed_on', models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='OccupationGroup',
            fields=[
                ('code', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=30)),
                ('name_en', models.CharField(max_length=60)),
                ('icon', models.CharField(default='user', max_length=30)),
                ('position', models.SmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='OccupationSet',
            fields=[
                ('code', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('name_en', models.CharField(blank=True, max_length=100)),
                ('source_note', models.CharField(max_length=200)),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Platform',
            fields=[
                ('code', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('name_en', models.CharField(blank=True, max_length=60)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Enterprise',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('credit_code', models.CharField(blank=True, max_length=18)),
                ('name', models.CharField(max_length=120)),
                ('pinyin', models.CharField(blank=True, max_length=400)),
                ('headcount', models.PositiveIntegerField(blank=True, null=True)),
                ('contact', models.CharField(blank=True, max_length=60)),
                ('contact_phone', models.CharField(blank=True, max_length=30)),
                ('created_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region')),
            ],
            options={
                'indexes': [models.Index(fields=['name', 'id'], name='enterprise_name'), models.Index(fields=['region', 'name'], name='enterprise_of_region')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('credit_code', ''), _negated=True), fields=('credit_code',), name='enterprise_one_per_credit_code')],
            },
        ),
        migrations.CreateModel(
            name='GroupListing',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(blank=True, null=True)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.occupationgroup')),
                ('occupation_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='listings', to='organizations.occupationset')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_until', None)), fields=('occupation_set', 'group'), name='group_listed_once')],
            },
        ),
        migrations.CreateModel(
            name='EnterprisePlatform',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(blank=True, null=True)),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='platform_links', to='organizations.enterprise')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.platform')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_until', None)), fields=('enterprise', 'platform'), name='enterprise_platform_once')],
            },
        ),
        migrations.CreateModel(
            name='Union',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=12, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('name_en', models.CharField(blank=True, max_length=200)),
                ('pinyin', models.CharField(blank=True, max_length=400)),
                ('kind', models.CharField(choices=[('federation', 'Federation of trade unions'), ('enterprise', 'Basic union of one employer'), ('joint', 'Joint basic union of several employers'), ('area', 'Area federation (township, park, building)'), ('industry', 'Industry federation'), ('new_employment', 'Federation of workers in new forms of employment'), ('chain', 'Business chain federation'), ('flexible', 'Joint union of workers in flexible employment'), ('village', 'Joint union of a village or community'), ('platform', 'Union of a platform or of its partner firms'), ('pool', 'Holding pool')], max_length=16)),
                ('level', models.CharField(choices=[('nation', 'National'), ('province', 'Provincial'), ('city', 'City'), ('county', 'County'), ('township', 'Township or street'), ('village', 'Village or community'), ('basic', 'Basic union')], max_length=10)),
                ('path', models.CharField(max_length=200, unique=True)),
                ('credit_code', models.CharField(blank=True, max_length=18)),
                ('contact', models.CharField(blank=True, max_length=60)),
                ('contact_phone', models.CharField(blank=True, max_length=30)),
                ('address', models.CharField(blank=True, max_length=200)),
                ('working_hours', models.CharField(blank=True, max_length=100)),
                ('founded_on', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region')),
            ],
            options={
                'indexes': [models.Index(fields=['parent', 'name', 'id'], name='union_children'), models.Index(fields=['region', 'kind'], name='union_of_region')],
                'constraints': [models.CheckConstraint(condition=models.Q(('path__endswith', '/')), name='union_path_ends'), models.CheckConstraint(condition=models.Q(('region__isnull', False), ('level', 'nation'), _connector='OR'), name='union_answers_for_region'), models.UniqueConstraint(condition=models.Q(('credit_code', ''), _negated=True), fields=('credit_code',), name='union_one_per_credit_code'), models.UniqueConstraint(condition=models.Q(('closed_at', None), ('kind', 'pool')), fields=('region',), name='union_one_pool_per_region'), models.UniqueConstraint(condition=models.Q(('closed_at', None), ('kind', 'federation')), fields=('region',), name='union_one_federation_per_region')],
            },
        ),
        migrations.CreateModel(
            name='DatedRule',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('value', models.JSONField()),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(blank=True, null=True)),
                ('source_note', models.CharField(max_length=200)),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='regions.region')),
                ('union', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='organizations.union')),
            ],
            options={
                'indexes': [models.Index(fields=['name', 'valid_from'], name='dated_rule_name')],
                'constraints': [models.CheckConstraint(condition=models.Q(('union__isnull', True), ('region__isnull', True), _connector='OR'), name='dated_rule_one_scope'), models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='dated_rule_dates')],
            },
        ),
        migrations.CreateModel(
            name='Coverage',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('basis', models.CharField(choices=[('own', 'Union of this employer'), ('joint', 'Member of a joint union'), ('partner', 'Partner firm of a platform')], default='own', max_length=8)),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(blank=True, null=True)),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coverages', to='organizations.enterprise')),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.union')),
            ],
            options={
                'indexes': [models.Index(fields=['union'], name='coverage_of_union')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid_until', None)), fields=('enterprise',), name='coverage_one_open_per_enterprise'), models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='coverage_dates')],
            },
        ),
        migrations.CreateModel(
            name='AdmissionRule',
            fields=[
                ('id', models.UUIDField(default=nuanxin.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('employers', models.CharField(choices=[('covered', 'Workers of the employers that the union covers'), ('uncovered', 'Workers whose employer has no union, or who have none'), ('any', 'All workers of the area')], max_length=10)),
                ('occupation_groups', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
                ('region_codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), blank=True, default=list, size=None)),
                ('platforms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(blank=True, null=True)),
                ('source_note', models.CharField(max_length=200)),
                ('source_note_en', models.CharField(blank=True, max_length=200)),
                ('union', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='admission_rules', to='organizations.union')),
            ],
            options={
                'indexes': [models.Index(fields=['union', 'valid_from'], name='admission_rule_of_union'), django.contrib.postgres.indexes.GinIndex(fields=['region_codes'], name='admission_rule_elsewhere')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='admission_rule_dates')],
            },
        ),
    ]
