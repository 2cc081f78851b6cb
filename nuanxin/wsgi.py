"""The WSGI entry of the web server."""

import os

from django.core.wsgi import get_wsgi_application

from nuanxin.operate.patience import Patient

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nuanxin.settings")

application = Patient(get_wsgi_application())
