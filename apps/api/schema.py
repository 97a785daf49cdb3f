"""How the schema is made of the handlers, beyond what `verbs.verb` says of each."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """Names operations by their address, and puts each under its first noun."""

    def get_tags(self) -> list[str]:
        return [self.path.split("/")[3]]

    def get_operation_id(self) -> str:
        words = [word.replace("-", "_") for word in self.path.split("/")[3:] if not word.startswith("{")]
        return "_".join([self.method.lower(), *words, *(["one"] if self.path.endswith("}") else [])])

    def get_description(self) -> str:
        return ""


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its base registers it
    """Tells of the header in which a token is shown."""

    target_class = "apps.api.callers.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token, as in lc_…, made in the admin."}
