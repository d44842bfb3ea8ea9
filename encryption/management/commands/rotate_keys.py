from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from encryption import rotation
from encryption.errors import SealError
from encryption.roots import RootKeyProblem, writing_root_key
from encryption.rotation import Rotation
from encryption.signals import keys_rotated


class Command(BaseCommand):
    help = "Move keys under a new root key or new center keys, or replace the key that signs the log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("level", choices=["root", "center", "audit"])
        parser.add_argument("--center", type=UUID, help="only this center (default: all of them)")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, change nothing")

    def handle(self, *, level: str, center: UUID | None, dry_run: bool, **options: Any) -> None:
        try:
            if level == "root":
                self._rotate_root(dry_run=dry_run)
            elif level == "audit":
                self._replace_signing_key(dry_run=dry_run)
            else:
                self._rotate_centers(center, dry_run=dry_run)
        except RootKeyProblem as problem:
            raise CommandError(str(problem)) from None
        except SealError as problem:
            raise CommandError(f"Key {problem.key_id}: {problem}") from None
        except OperationalError:
            raise CommandError(
                "Other work held the keys for too long. Nothing is lost: run the same command again."
            ) from None

    def _rotate_root(self, *, dry_run: bool) -> None:
        self.stdout.write(f"Root key {writing_root_key().kid.hex()} writes.")
        work = rotation.of_root()
        if dry_run:
            self.stdout.write(f"{work.count_left()} of {work.count()} keys would be rewrapped.")
        else:
            self._run(work, "root")

    def _replace_signing_key(self, *, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write("The key that signs the log would be replaced. Every old signature stays valid.")
            return
        rotation.replace_signing_key()
        keys_rotated.send(sender=Command, level="audit", count=1)
        self.stdout.write("The log has a new signing key; the old one vouches for it in the next checkpoint.")
        self.stdout.write("In a minute, run verify_audit and write down the key that it prints.")

    def _rotate_centers(self, only: UUID | None, *, dry_run: bool) -> None:
        centers = rotation.centers_with_keys()
        if only and only not in centers:
            raise CommandError(f"Center {only} has no keys.")
        for center in [only] if only else centers:
            self.stdout.write(f"Center {center}:")
            self._rotate_center(center, dry_run=dry_run)

    def _rotate_center(self, center: UUID, *, dry_run: bool) -> None:
        if not dry_run:
            self._run(rotation.begin_center(center), "center")
            return
        work = rotation.of_center(center)
        if work.is_unfinished():
            self.stdout.write(f"  An interrupted rotation would be finished: {work.count_left()} keys.")
        else:
            self.stdout.write(f"  It would get a new key; {work.count()} keys would be rewrapped.")

    def _run(self, work: Rotation, level: str) -> None:
        left, total, done = work.count_left(), work.count(), 0

        def progress(chunk: int) -> None:
            nonlocal done
            done += chunk
            self.stdout.write(f"  {done} of {left + total}")

        self.stdout.write(f"  {left} of {total} keys to rewrap, then all to verify.")
        outcome = work.run(progress)
        self.stdout.write(f"  {outcome.rewrapped} rewrapped, {outcome.left} left under an old key.")
        if not outcome.is_complete:
            shut = ", ".join(outcome.unreadable) or "none"
            raise CommandError(
                f"{outcome.left} keys are left under an old key; keys that do not open: {shut}."
                " Keep the old root keys, and see docs/encryption.md."
            )
        self.stdout.write("  Every key opens.")
        keys_rotated.send(sender=Command, level=level, count=outcome.rewrapped)
