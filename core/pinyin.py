"""Keys by which names sort and are searched; stored, because the bundled database has no ICU."""

import re
from collections.abc import Iterable
from itertools import islice, product

from pypinyin import Style, lazy_pinyin

# How characters are read as family names, the usual reading first. Others are read as they are by themselves.
_FAMILY_NAMES = {
    "薄": "bo bao",
    "柏": "bai bo",
    "秘": "bi mi",
    "卜": "bu",
    "谌": "chen shen",
    "郗": "chi xi",
    "种": "chong zhong",
    "都": "du",
    "费": "fei bi",
    "盖": "ge gai",
    "句": "gou ju",
    "黑": "he hei",
    "郇": "xun huan",
    "校": "jiao xiao",
    "角": "jue jiao",
    "阚": "kan",
    "适": "kuo",
    "缪": "miao",
    "宓": "mi fu",
    "乜": "nie mie",
    "牟": "mu mou",
    "佴": "nai",
    "能": "nai neng",
    "粘": "nian zhan",
    "区": "ou qu",
    "繁": "po",
    "朴": "piao",
    "覃": "qin tan",
    "仇": "qiu",
    "单": "shan",
    "召": "shao zhao",
    "折": "she zhe",
    "隗": "wei kui",
    "尉": "wei yu",
    "洗": "xian",
    "解": "xie",
    "员": "yun",
    "贠": "yun",
    "乐": "yue le",
    "藏": "zang cang",
    "曾": "zeng",
    "查": "zha",
    "祭": "zhai ji",
    "翟": "zhai di",
    "长": "zhang chang",
    "晟": "sheng cheng",
}
# Of two characters, each read as it is here; what a name begins with is one of them before anything else.
_DOUBLE_FAMILY_NAMES = {
    "单于": "chan yu",
    "乐正": "yue zheng",
    "澹台": "tan tai",
    "万俟": "mo qi",
    "尉迟": "yu chi",
    "中行": "zhong hang",
}
# How characters are read in given names besides what their phrase makes of them, the usual reading first.
_GIVEN_NAMES = {
    "柏": "bai bo",
    "长": "chang zhang",
    "朝": "chao zhao",
    "重": "chong zhong",
    "都": "du dou",
    "芾": "fu fei",
    "行": "xing hang",
    "珩": "heng hang",
    "颉": "jie xie",
    "炅": "jiong gui",
    "隽": "jun juan",
    "乐": "le yue",
    "娜": "na nuo",
    "泊": "bo po",
    "茜": "qian xi",
    "晟": "sheng cheng",
    "盛": "sheng cheng",
    "莘": "shen xin",
    "参": "shen can",
    "杉": "shan sha",
    "蔚": "wei yu",
    "荨": "xun qian",
    "藏": "zang cang",
    "溱": "qin zhen",
    "曾": "zeng ceng",
}
_MOST_READINGS = 8
_LONGEST_FURTHER = 255
_DOTS = re.compile(r"[\s·•・‧∙⋅᛫．.]+")
_LATIN = re.compile(r"[^\u3400-\u9fff\U00020000-\U0003ffff]+")


def keys_of(name: str) -> tuple[str, str]:
    """(usual reading without tones, initials) of a person's name: 陈晓 → chenxiao, cx.

    Latin letters stay, in lower case; the dots of a name are left out.
    """
    first = next(iter(_readings(name)), ())
    return "".join(first)[:128], _initials(first)[:64]


def further_readings(name: str) -> str:
    """How else a name may be read, and the initials of that: 翟光 → "diguang dg"; mostly nothing."""
    usual, *others = islice(_readings(name), _MOST_READINGS) if name else [()]
    words = ["".join(each) for each in others]
    words += [initials for each in others if (initials := _initials(each)) != _initials(usual)]
    return " ".join(dict.fromkeys(words))[:_LONGEST_FURTHER]


def initials_of(text: str) -> str:
    """The first letters of the syllables of any text: 迟到 → cd."""
    return _initials(_syllables(text))


def _readings(name: str) -> Iterable[tuple[str, ...]]:
    """Every plausible reading in syllables, the usual one first."""
    parts = [part for part in _DOTS.split(name) if part]
    if len(parts) != 1:
        # The parts of a name with dots are not family names.
        return [tuple(syllable for part in parts for syllable in _syllables(part))]
    family, given = _divided(parts[0])
    # One after another: a long name has more readings than fit in memory.
    return product(*(dict.fromkeys(each) for each in (*family, *_choices(given))))


def _divided(name: str) -> tuple[list[list[str]], str]:
    """The readings of each character of the family name, and the given name; a name of one is given."""
    if len(name) > 2 and (double := _DOUBLE_FAMILY_NAMES.get(name[:2])):
        return [[syllable] for syllable in double.split()], name[2:]
    if len(name) < 2 or _LATIN.match(name[0]):
        return [], name
    return [_FAMILY_NAMES.get(name[0], "").split() or _syllables(name[0])], name[1:]


def _choices(given: str) -> list[list[str]]:
    """The readings of each syllable of a given name: of its characters, and as a phrase."""
    syllables = _syllables(given)
    if len(syllables) != len(given) or _LATIN.search(given):
        return [[syllable] for syllable in syllables]
    return [
        list(dict.fromkeys([*_GIVEN_NAMES.get(char, "").split(), syllable]))
        for char, syllable in zip(given, syllables, strict=True)
    ]


def _syllables(text: str) -> list[str]:
    return [part.strip().lower() for part in lazy_pinyin(text, style=Style.NORMAL) if part.strip()]


def _initials(syllables: Iterable[str]) -> str:
    return "".join(each[0] for each in syllables)
