"""Who asks over the API: the account of the token."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from people.models import Account, ApiToken
from people.tokens import token_of


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer kefu_…`; `request.auth` is the token."""

    def authenticate(self, request: Request) -> tuple[Account, ApiToken] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        token = token_of(secret.strip(), at=timezone.now()) if scheme.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed(
                "令牌不对、已到期或已吊销，或其账号须先改初始口令；请改口令，或向管理员另要一个。"
            )
        return token.account, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="kefu"'
