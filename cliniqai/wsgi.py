"""Django under WSGI: every page, webhook and API call."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cliniqai.settings")

application = get_wsgi_application()

from cliniqai.warm import warm_up  # noqa: E402  (needs the apps to be ready)
from cliniqai.watched import watched  # noqa: E402  (needs the settings)

tracing = watched()
if tracing is not None:
    application = tracing.around(application)
warm_up()
