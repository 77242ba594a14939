"""`manage.py replay_erasures`: after a restored backup, who was erased is erased again."""

from django.core.management import BaseCommand

from privacy.erasing import replay_erasures


class Command(BaseCommand):
    """Erase again whoever was erased since the backup was made."""

    help = "After a restore and a migrate: erase again whoever was erased since the backup was made."

    def handle(self, *_: object, **__: object) -> None:
        back = replay_erasures()
        self.stdout.write(f"{back} people were back and are erased again.")
