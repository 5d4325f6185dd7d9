"""`rotate_data_keys`: seals documents' and accounts' numbers anew under the newest of KEFU_DATA_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.errors import SealRefused
from people.services.data_keys import data_keys_rotate


class Command(BaseCommand):
    help = "把证件号码和银行账号改用 KEFU_DATA_KEYS 里的第一把密钥加密，可反复运行"

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            total = data_keys_rotate()
        except SealRefused as refused:
            raise CommandError(f"没有改动任何数据：{refused}。") from refused
        self.stdout.write(f"已用最新的密钥重新加密 {total} 个号码；旧密钥可以从 KEFU_DATA_KEYS 里去掉了。")
