"""Names as they are read aloud: the usual reading sorts, every plausible one finds."""

import pytest

from core.pinyin import further_readings, initials_of, keys_of


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("陈晓", "chenxiao", "cx"),
        ("翟光", "zhaiguang", "zg"),
        ("宓明", "miming", "mm"),
        ("粘晓", "nianxiao", "nx"),
        ("折明", "sheming", "sm"),
        ("秘明", "biming", "bm"),
        ("薄明", "boming", "bm"),
        ("乜明", "nieming", "nm"),
        ("单小明", "shanxiaoming", "sxm"),
        ("尉迟敬", "yuchijing", "ycj"),
        ("万俟明", "moqiming", "mqm"),
        ("澹台明", "tantaiming", "ttm"),
        ("长孙无忌", "zhangsunwuji", "zswj"),
        ("单于明", "chanyuming", "cym"),
        ("殷红", "yinhong", "yh"),
        ("柏林", "bailin", "bl"),
        ("于思", "yusi", "ys"),
        ("洪都", "hongdu", "hd"),
        ("王晟", "wangsheng", "ws"),
        ("赵珩", "zhaoheng", "zh"),
        ("单晓Amy", "shanxiaoamy", "sxa"),
        ("Amy", "amy", "a"),
        ("阿依古丽·买买提", "ayigulimaimaiti", "ayglmmt"),
        ("艾则孜•买买提明", "aizezimaimaitiming", "azzmmtm"),
        ("", "", ""),
        ("·", "", ""),
    ],
)
def test_a_name_is_read_as_a_name(name: str, pinyin: str, initials: str) -> None:
    assert keys_of(name) == (pinyin, initials)


@pytest.mark.parametrize(
    ("name", "further"),
    [
        ("陈晓", ""),
        ("", ""),
        ("翟光", "diguang dg"),
        ("宓明", "fuming fm"),
        ("薄明", "baoming"),
        ("王晟", "wangcheng wc"),
        ("朱朝阳", "zhuzhaoyang zzy"),
        ("区静", "qujing qj"),
        ("阿依古丽·买买提", ""),
    ],
)
def test_what_a_name_may_be_read_as_besides(name: str, further: str) -> None:
    assert further_readings(name) == further


def test_a_name_of_many_readings_keeps_within_its_column() -> None:
    assert len(further_readings("乐" * 64)) <= 255
    assert len(keys_of("乐" * 64)[0]) == 128


def test_a_text_that_is_no_name_is_read_as_a_text() -> None:
    assert initials_of("解除合同") == "jcht"
