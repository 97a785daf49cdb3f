"""The web application that gunicorn serves.

It is loaded once, before gunicorn forks its processes, which then share its memory: so nothing here may open a
connection, and all of the code is loaded now. What was loaded is kept from the collector, whose marks would unshare it.
"""

import gc
import os

import django
from django.conf import settings
from django.urls import get_resolver

from labelcrowd.bodies import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a folder that is not there
django.setup(set_prefix=False)
application = Handler()
get_resolver().url_patterns  # noqa: B018  # loads every view
gc.collect()
gc.freeze()
