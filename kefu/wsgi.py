"""The WSGI entry point. The server must name its settings: production never runs on development ones."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
