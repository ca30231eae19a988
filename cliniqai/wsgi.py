"""Django under WSGI: every page, webhook and API call."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cliniqai.settings")

application = get_wsgi_application()
