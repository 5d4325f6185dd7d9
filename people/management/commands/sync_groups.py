"""`sync_groups`: gives the login groups their permissions; run it after every migrate."""

from typing import Any

from django.core.management.base import BaseCommand

from people.permissions import GROUP_LABELS
from people.services import groups_sync


class Command(BaseCommand):
    help = "按权限表更新登录组的权限，可反复运行"

    def handle(self, *args: Any, **options: Any) -> None:
        groups_sync()
        self.stdout.write(f"登录组的权限已更新：{'、'.join(GROUP_LABELS.values())}。")
