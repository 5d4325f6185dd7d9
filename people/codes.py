"""Codes and numbers that stand in the addresses of pages: what they must not hold."""

import re

from django.core.exceptions import ValidationError

# What separates the parts of an address, and what nobody sees.
_UNFIT = re.compile(r"[/\\?#%\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]")
_NAMES = {"\n": "换行", "\r": "换行", "\t": "制表符", " ": "空格", "\u3000": "空格"}
REMEDY = "请只用文字、数字和“-”“_”“.”，例如把“/”改成“-”"


def code_trouble(code: str) -> str:
    """Why the code cannot stand in an address (Chinese); empty where it can."""
    if found := _UNFIT.search(code):
        shown = found[0] if found[0].isprintable() and not found[0].isspace() else ""
        return f"不能含“{shown}”" if shown else f"不能含{_NAMES.get(found[0], '看不见的字符')}"
    if code.startswith("."):
        return "不能以“.”开头"
    return ""


def check_code(field: str, code: str) -> None:
    """For a model's `clean`: ValidationError of the field, with what to do instead."""
    if trouble := code_trouble(code):
        raise ValidationError({field: f"{trouble}。{REMEDY}。"})
