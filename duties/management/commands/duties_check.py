"""Record missed duties and handed-over items left undone, as the hourly task does."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from duties.services.missed_duties import missed_duties_record
from people.models import Department


class Command(BaseCommand):
    help = "把到时没有完成的职责、没有写的交接和签收后没有办的事项各记一次奖惩，等经理确认；可反复运行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--department", metavar="代码", help="只查这个部门；不写为全部部门。")

    def handle(self, *args: Any, **options: Any) -> None:
        departments = Department.objects.order_by("code")
        if options["department"]:
            departments = departments.filter(code=options["department"])
            if not departments:
                raise CommandError(f"没有代码为{options['department']}的部门；请核对代码")
        for department in departments:
            found = missed_duties_record(department=department, at=timezone.now())
            self.stdout.write(f"{department}：新记录{found.new}条")
            for refused in found.refused:
                self.stdout.write(f"  没有记录：{refused}")
