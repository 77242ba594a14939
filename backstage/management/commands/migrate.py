"""`manage.py migrate`: Django's own, which makes only the models that the migrations ask for."""

from django.core.management.commands import migrate

from backstage.operating.migrating import ExecutorOnDemand

migrate.MigrationExecutor = ExecutorOnDemand  # type: ignore[attr-defined] # the command leaves no other door


class Command(migrate.Command):
    """What is applied, and how it is recorded, is as ever."""
