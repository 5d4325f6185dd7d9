"""`manage.py scenarios PATH…`: play scenario files and print what differs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from workbench.scenarios.runner import play_files


class Command(BaseCommand):
    help = "演算场景文件：在回滚的事务里按规则结算，打印每处不符；有不符时退出码1，文件有误时2。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")

    def handle(self, *args: Any, **options: Any) -> None:
        passed = failed = malformed = 0
        for result in play_files(options["paths"]):
            if result.malformed:
                self.stderr.write(result.malformed)
                malformed += 1
                continue
            for mismatch in result.mismatches:
                self.stdout.write(f"{result.file}:{result.scenario}: {mismatch}")
            passed, failed = passed + (not result.mismatches), failed + bool(result.mismatches)
        self.stdout.write(f"{passed} passed, {failed} failed")
        if malformed or failed:
            raise SystemExit(2 if malformed else 1)
