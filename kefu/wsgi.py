"""The WSGI entry point; a server must name its settings, so that production never runs on the development ones."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
