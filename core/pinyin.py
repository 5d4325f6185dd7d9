"""Keys by which names sort and are searched; stored, because the bundled database has no ICU."""

from pypinyin import lazy_pinyin

# Characters that are read otherwise when they are a family name.
_FAMILY_NAMES = {
    "曾": "zeng",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "查": "zha",
    "朴": "piao",
    "区": "ou",
    "翟": "zhai",
    "覃": "qin",
    "盖": "ge",
    "乐": "yue",
    "种": "chong",
    "缪": "miao",
    "员": "yun",
    "繁": "po",
    "召": "shao",
    "洗": "xian",
    "祭": "zhai",
    "牟": "mu",
    "隗": "wei",
    "阚": "kan",
    "都": "du",
    "郇": "xun",
    "佴": "nai",
    "卜": "bu",
    "宓": "fu",
    "逄": "pang",
    "长孙": "zhang sun",
    "尉迟": "yu chi",
    "万俟": "mo qi",
    "单于": "chan yu",
}


def keys_of(name: str) -> tuple[str, str]:
    """(pinyin without tones, initials) of a name: 陈晓 → chenxiao, cx. Latin letters stay, in lower case."""
    syllables: list[str] = []
    for length in (2, 1):
        if len(name) > length and name[:length] in _FAMILY_NAMES:
            syllables = _FAMILY_NAMES[name[:length]].split()
            name = name[length:]
            break
    syllables += [part.strip().lower() for part in lazy_pinyin(name) if part.strip()]
    return "".join(syllables)[:128], "".join(each[0] for each in syllables)[:64]
