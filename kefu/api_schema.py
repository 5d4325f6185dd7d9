"""The OpenAPI description of the API: what every operation has in common, and how one signs in."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from kefu.problems import CONTENT_TYPE

TAGS = {
    "departments": "部门",
    "staff": "员工",
    "rulebooks": "制度",
    "library-provisions": "制度",
    "versions": "制度",
    "provisions": "制度",
    "incidents": "奖惩",
    "proposals": "奖惩",
    "orders": "订单与指标",
    "metrics": "订单与指标",
    "imports": "导入",
    "settlements": "工资",
    "payslips": "工资",
}
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="自取的唯一值（如 UUID）。带同一个值重发同一请求，只做一次并得到同一答复；7 天内有效。",
)


class FaultSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="哪个字段，如 orders[3].amount；空为整个请求")
    message = serializers.CharField(help_text="哪里不对")
    remedy = serializers.CharField(help_text="怎么办")
    row = serializers.IntegerField(required=False, help_text="表格里的行号")


class ProblemSerializer(serializers.Serializer):
    """没有办成的原因（RFC 9457）；没有改动任何数据。"""

    type = serializers.CharField(help_text="urn:kefu:problem:…，种类固定，供程序判断")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="原因")
    errors = FaultSerializer(many=True, help_text="逐处说明；没有则为空列表")  # type: ignore[assignment]


class Schema(AutoSchema):
    def get_tags(self) -> list[str]:
        resource = self.path.removeprefix("/api/v1/").partition("/")[0]
        return [TAGS[resource]] if resource in TAGS else super().get_tags()

    def get_override_parameters(self) -> list[Any]:
        return [] if self.method in SAFE_METHODS else [KEY]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        problem = self._get_response_for_code(ProblemSerializer, "4XX", [CONTENT_TYPE], direction)
        return {**bodies, "4XX": problem}


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "people.token_auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "管理员用 create_api_token 签发的令牌，kefu_ 开头。",
        }
