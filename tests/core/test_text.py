from core.errors import Refused
from core.text import listed, shortened


def test_a_text_that_is_too_long_ends_in_an_ellipsis_and_fits():
    assert shortened("迟到十分钟", 5) == "迟到十分钟"
    assert shortened("迟到十分钟", 4) == "迟到十…"


def test_of_many_names_the_first_are_listed():
    assert listed(["A1", "A2"], 2) == "A1、A2"
    assert listed(["A1", "A2", "A3"], 2) == "A1、A2 等"


def test_a_refusal_tells_why_and_what_to_do():
    refused = Refused("天数为负；检查天数")
    assert (refused.reason, refused.remedy) == ("天数为负", "检查天数")
    assert (Refused("已撤回").reason, Refused("已撤回").remedy) == ("已撤回", "")
