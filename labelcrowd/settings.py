"""Every setting, read once: from the environment, each with its default and a line of why.

A value that would be unsafe in production stops the start with a sentence (`labelcrowd.safety`).
"""

from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from environs import Env

from labelcrowd import catalogs, logs, safety, secrets

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent

# Where everything lives that is not code: database, media, secrets, demo output.
VAR = Path(env.str("LABELCROWD_VAR", str(BASE_DIR / "var")))

# Bound to loopback only (a developer's machine, the demo)? Relaxes MFA and https, and refuses to serve elsewhere.
LOOPBACK = env.bool("LABELCROWD_LOOPBACK", True)

DEBUG = env.bool("DEBUG", False)
HOSTS: list[str] = env.list("LABELCROWD_HOSTS", [])  # the public names of this site; needed outside loopback
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"] if LOOPBACK else HOSTS
# What links in mails begin with.
PUBLIC_URL = env.str("LABELCROWD_URL", f"https://{HOSTS[0]}" if HOSTS else "http://127.0.0.1:8000").rstrip("/")
CSRF_FAILURE_VIEW = "apps.turkapi.views.elsewhere"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in HOSTS]

# How many proxies stand before us: so many addresses of X-Forwarded-For are theirs, what is before them anybody may
# have written; and whether a request came by https is what they say. Must be told outside loopback.
PROXIES: int | None = env.int("LABELCROWD_PROXIES", None)
# What Prometheus brings as a bearer token to /metrics; without one only a loopback instance answers there.
METRICS_TOKEN = env.str("LABELCROWD_METRICS_TOKEN", "")
# Networks that may be reached although they are not of the public internet, as 10.1.0.0/16: your own, if you must.
OUTBOUND_NETWORKS: list[str] = env.list("LABELCROWD_OUTBOUND_NETWORKS", [])
# How often the API, the workbench and MTurk's address may be asked, and for media: so many a second in the long run,
# and so many at once; over all web processes. A page of 50 pictures asks for 50 files, and the next one for its own.
API_RATES: dict[str, list[float]] = {
    "account": env.list("LABELCROWD_RATE_ACCOUNT", [200, 4_000], subcast=float),
    "address": env.list("LABELCROWD_RATE_ADDRESS", [1_000, 10_000], subcast=float),
    "campaign": env.list("LABELCROWD_RATE_CAMPAIGN", [2_000, 20_000], subcast=float),
    # By organization: whom it gives a log-in. Each answer tells whether somebody has one, so it is some a day.
    "enrolment": env.list("LABELCROWD_RATE_ENROLMENT", [0.003, 200], subcast=float),
    # By organization: what it has sent to others, as webhooks.
    "outbound": env.list("LABELCROWD_RATE_OUTBOUND", [50, 1_000], subcast=float),
    "file": env.list("LABELCROWD_RATE_FILE", [1_000, 20_000], subcast=float),  # by address, as "address" is
}

# Who may show our task pages in a frame, and get what is handed in there.
MARKET_ORIGINS: list[str] = env.list(
    "LABELCROWD_MARKET_ORIGINS",
    ["https://www.mturk.com", "https://workersandbox.mturk.com", "https://worker.mturk.com"],
)
# How long a signed address of a picture, sound or video may be used.
MEDIA_ADDRESS_SECONDS = env.int("LABELCROWD_MEDIA_ADDRESS_SECONDS", 6 * 3600)
# An external PostgreSQL by DATABASE_URL (recommended for production); else the embedded one under VAR.
DATABASE_URL = env.str("DATABASE_URL", "")
# "postgres": the queue is in the same database; amqp://...: RabbitMQ.
BROKER_URL = env.str("BROKER_URL", "postgres")

# Made at first start with mode 0600, unless the environment brings one: no default secret exists.
GIVEN_KEY = env.str("SECRET_KEY", "")
GIVEN_VAULT_KEYS: list[str] = env.list("LABELCROWD_VAULT_KEYS", [])
safety.check(  # before anything is made
    loopback=LOOPBACK, hosts=HOSTS, debug=DEBUG, secret_key=GIVEN_KEY, url=env.str("LABELCROWD_URL", ""),
    vault_keys=GIVEN_VAULT_KEYS, proxies=PROXIES, metrics_token=METRICS_TOKEN, networks=OUTBOUND_NETWORKS,
    rates=API_RATES, origins=MARKET_ORIGINS, media_seconds=MEDIA_ADDRESS_SECONDS, database=DATABASE_URL,
    broker=BROKER_URL,
    key_files=[
        VAR / name for name, given in (("secret_key", GIVEN_KEY), ("vault_key", GIVEN_VAULT_KEYS)) if not given
    ],
)  # fmt: skip
SECRET_KEY = GIVEN_KEY or secrets.read_or_make(VAR / "secret_key")
# Under which secrets lie in the database that must be read back (apps.core.vault); the first is for new ones. Without
# them a backup's secrets can't be read: keep a copy of var/vault_key, elsewhere than the backups.
VAULT_KEYS = GIVEN_VAULT_KEYS or [secrets.read_or_make(VAR / "vault_key")]

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # its other one would put its own site in the place of ours
    "apps.console.apps.AdminConfig",  # django.contrib.admin with our site; loaded by urls.py: workers need no admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "drf_spectacular",
    "apps.core",
    "apps.kinds",
    "apps.members",
    "apps.datasets",
    "apps.workforce",
    "apps.ledger",
    "apps.campaigns",
    "apps.work",
    "apps.quality",
    "apps.payments",
    "apps.channels",
    "apps.reports",
    "apps.notices",
    "apps.hitevents",
    "apps.pipeline",
    "apps.files",
    "apps.simulation",
    "apps.monitor",
    "apps.workbench",
    "apps.console",
    "apps.api",
    "apps.turkapi",
]

MIDDLEWARE = [
    "apps.monitor.middleware.LogContextMiddleware",
    "apps.members.middleware.LoopbackOnlyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "labelcrowd.middleware.Policies",
    "labelcrowd.middleware.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "labelcrowd.middleware.SignedIn",
    "apps.members.middleware.LongFormsMiddleware",
    "apps.members.middleware.PreferencesMiddleware",
    "labelcrowd.middleware.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.members.middleware.SecondFactorMiddleware",
    "apps.members.middleware.SealedMiddleware",
]

ROOT_URLCONF = "labelcrowd.urls"
WSGI_APPLICATION = "labelcrowd.wsgi.application"

KINDS = sorted(folder.parent for folder in (BASE_DIR / "apps" / "kinds").glob("*/kind.py"))

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Ours come before unfold's and allauth's, so that a page of theirs can be replaced.
        "DIRS": [
            BASE_DIR / "apps" / "console" / "templates",
            BASE_DIR / "apps" / "members" / "templates",
            *(kind / "templates" for kind in KINDS),
        ],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

EMBEDDED_ROOT = VAR / "postgres"
CONNECTIONS_KEPT_SECONDS = env.int("LABELCROWD_CONNECTIONS_KEPT_SECONDS", 60)  # a new connection costs about 5 ms
if DATABASE_URL:
    DATABASES = {"default": env.dj_db_url("DATABASE_URL", conn_max_age=CONNECTIONS_KEPT_SECONDS)}
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        DATABASES["default"]["ENGINE"] = "labelcrowd.db.postgres"  # the same, and cheaper for each request
else:
    DATABASES = {
        "default": {
            "ENGINE": "labelcrowd.db.embedded",
            "NAME": "labelcrowd",
            "EMBEDDED_ROOT": str(EMBEDDED_ROOT),
            "CONN_MAX_AGE": CONNECTIONS_KEPT_SECONDS,
        }
    }
# A statement that a connection has run so often is planned once and kept. 0 where a pooler hands connections on.
PREPARED_FROM = env.int("LABELCROWD_PREPARED_FROM", 5)
if PREPARED_FROM and DATABASES["default"]["ENGINE"].startswith("labelcrowd.db."):
    prepared = {"server_side_binding": True, "prepare_threshold": PREPARED_FROM}
    DATABASES["default"]["OPTIONS"] = prepared | DATABASES["default"].get("OPTIONS", {})
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # a restarted database costs nobody a request
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# How long a silent worker keeps its messages before others get them; shorter in tests.
BROKER_HEARTBEAT_SECONDS = env.int("BROKER_HEARTBEAT_SECONDS", 60)

# Rate limits must count over all web processes, and there is no Redis: the cache is a table.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Log-ins are counted in it: at Django's 300 entries some made-up accounts would wash a real one's count out.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by an organization, not by strangers: sign-up is closed
ACCOUNT_ADAPTER = "apps.members.adapter.ClosedSignUp"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# allauth fears a stranger who signs up with another's address and locks the owner out; nobody signs up here. And it
# notes every address to which a forgotten password is mailed as unverified: who ever asked could set up no factor.
MFA_ALLOW_UNVERIFIED_EMAIL = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
# The server by which mail goes out; on loopback it is printed instead.
EMAIL_BACKEND = f"django.core.mail.backends.{'console' if LOOPBACK else 'smtp'}.EmailBackend"
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = env.str("LABELCROWD_MAIL_FROM", f"labelcrowd@{HOSTS[0] if HOSTS else 'localhost'}")
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES or 0
# Members who decide about campaigns or money need a second factor, except on a loopback-only machine.
SECOND_FACTOR_REQUIRED = not LOOPBACK

LANGUAGE_CODE = "en"
# Those of which we have a catalog of what workers read: Django's and allauth's own would make pages of two languages
# that claim one. The admin is in English.
LANGUAGES = [("en", "English"), ("ar", "العربية")]
LOCALE_PATHS = [catalogs.compiled(VAR / "locale")]
TIME_ZONE = "UTC"
USE_I18N = True
FORMAT_MODULE_PATH = ["labelcrowd.formats"]  # dates as 2026-11-24: Django's own English ones are American
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [kind / "static" for kind in KINDS if (kind / "static").is_dir()]
STATICFILES_FINDERS = ["labelcrowd.static_files.InFolders", "labelcrowd.static_files.InApps"]  # all but tests
# Media lie in a folder, or in a bucket of S3 or what speaks its language: then browsers fetch from the bucket's own
# origin, by signed addresses.
MEDIA_BUCKET = env.str("LABELCROWD_MEDIA_BUCKET", "")
MEDIA_ORIGIN = env.str("LABELCROWD_MEDIA_ORIGIN", "")
MEDIA: dict[str, object] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
if MEDIA_BUCKET:
    from labelcrowd import bucket  # only then: botocore takes a tenth of a second

    MEDIA, MEDIA_ORIGIN = bucket.storage(MEDIA_BUCKET), MEDIA_ORIGIN or bucket.origin(MEDIA_BUCKET)
STORAGES = {
    "default": MEDIA,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# Without collectstatic (tests, a first `runserver`) WhiteNoise serves from the source folders.
WHITENOISE_USE_FINDERS = True

MEDIA_ROOT = VAR / "media"
# Files that requesters send for import; web and worker must both see this folder.
UPLOAD_ROOT = VAR / "uploads"
# Backups by the clock, when a folder is named: every so many hours, and how many stay. Elsewhere than the vault's key.
BACKUP_FOLDER = env.path("LABELCROWD_BACKUP_FOLDER", None)
BACKUP_HOURS = env.float("LABELCROWD_BACKUP_HOURS", 24.0)
BACKUPS_KEPT = env.int("LABELCROWD_BACKUPS_KEPT", 14)
# For how many years after a year its payments are reported to tax offices: so long names of the erased stay, sealed.
TAX_NAMES_KEPT_YEARS = env.int("LABELCROWD_TAX_NAMES_KEPT_YEARS", 1)
# For how many years after its year a payment can be proven to have gone where it went: so long that stays, sealed.
PAID_TO_KEPT_YEARS = env.int("LABELCROWD_PAID_TO_KEPT_YEARS", 10)

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20  # a page of answers is far smaller; masks and transcripts fit
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20  # larger files go to disk while they arrive

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not LOOPBACK
# Files of exports that were asked for in the background; web and worker must both see this folder too.
EXPORT_ROOT = VAR / "exports"
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]  # a load balancer asks the process itself, over http
SECURE_HSTS_SECONDS = 0 if LOOPBACK else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOOPBACK
# What `check --deploy` asks of TLS is no matter where this machine alone is served, over plain http; nobody else is.
SILENCED_SYSTEM_CHECKS = [f"security.{number}" for number in ("W004", "W008", "W010", "W016")] if LOOPBACK else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *filter(None, [MEDIA_ORIGIN])],
        "media-src": [SELF, "blob:", *filter(None, [MEDIA_ORIGIN])],
        "connect-src": [SELF, *filter(None, [MEDIA_ORIGIN])],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# The API: bearer tokens only, JSON only, problem details for every refusal; what may be done is in one table.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.api.callers.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.api.permissions.ByTable"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.api.parsing.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "apps.api.schema.Schema",
    "EXCEPTION_HANDLER": "apps.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,  # `format` in an address is a parameter of ours: a bank's, a file's
}
# How much memory the process may take that reads a requester's file (RLIMIT_AS); 0: no process of its own.
IMPORT_MEMORY_MIB = env.int("LABELCROWD_IMPORT_MEMORY_MIB", 3072)
# How long a body that is streamed to the API may be: 10 million rows of 500 bytes.
MOST_UPLOAD_BYTES = env.int("LABELCROWD_MOST_UPLOAD_BYTES", 5 * 2**30)
# How many bytes of files an organization may have sent that lie here, as files that wait or as items and media.
MOST_STORED_BYTES = env.int("LABELCROWD_MOST_STORED_BYTES", 100 * 2**30)
# A body is read in a thread, of which a web process has few. 32 KiB of it may take so many seconds; what takes longer
# than the patience is slow, and in each process at most so many slow ones are waited for.
BODY_SECONDS = env.float("LABELCROWD_BODY_SECONDS", 20.0)
BODY_PATIENCE = env.float("LABELCROWD_BODY_PATIENCE", 1.0)
# Whoever reads an answer may take so many seconds for 32 KiB of it, about 1 KiB a second; while others wait for a
# thread, of those that take less than 4 KiB a second no more are waited for than slow bodies leave of the most.
ANSWER_SECONDS = env.float("LABELCROWD_ANSWER_SECONDS", 30.0)
MOST_SLOW_BODIES = env.int("LABELCROWD_MOST_SLOW_BODIES", 2)
SPECTACULAR_SETTINGS = {
    "TITLE": "labelcrowd",
    "VERSION": "1",
    "DESCRIPTION": "Everything that the admin and the workbench do, for machines.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "AccountKind": "apps.ledger.models.Account.Kind",
        "ObligationKind": "apps.payments.models.Obligation.Kind",
        "AggregationMethod": "apps.campaigns.models.Campaign.Method",
        "PayoutMethodEnum": "apps.payments.models.Method",
        "AssignmentState": "apps.work.models.Assignment.State",
        "BatchState": "apps.payments.models.PayoutBatch.State",
        "CampaignState": "apps.campaigns.models.Campaign.State",
        "InvitationState": "apps.workforce.models.Invitation.State",
        "DeliveryState": "apps.notices.models.Notice.State",
        "Event": "apps.notices.models.Event",
        "WorkState": "apps.pipeline.models.Operation.State",
        "PayoutState": "apps.payments.models.Payout.State",
        "TaskState": "apps.work.models.Task.State",
        "Verdict": "apps.quality.models.Review.Verdict",
        "Channel": "apps.workforce.models.Channel",
    },
}

# Where requests may go that others choose (webhooks): none until an operator names hosts ("*.example.org": all of it).
OUTBOUND_HOSTS: list[str] = env.list("LABELCROWD_OUTBOUND_HOSTS", [])
OUTBOUND_PORTS: list[int] = env.list("LABELCROWD_OUTBOUND_PORTS", [80, 443], subcast=int)
# The AWS accounts whose queues and topics requesters may have told of HITs, with this machine's credentials; empty: all
# that these may send to.
OUTBOUND_ACCOUNTS: list[str] = env.list("LABELCROWD_OUTBOUND_ACCOUNTS", [])

# Outside markets (apps.channels). Credentials and endpoint come from boto3's own chain: AWS_ENDPOINT_URL_MTURK, say.
# What it takes, as Amazon did: percent of rewards, more of ten and above, of Masters, of bonuses; cents at least.
MTURK_FEES: list[int] = env.list("LABELCROWD_MTURK_FEES", [20, 20, 5, 20, 1], subcast=int)
# Qualifications that it sells, as campaigns name them: NAME=ID:CENTS, with commas between; the cents are for a slot.
MTURK_PREMIUM: dict[str, str] = env.dict("LABELCROWD_MTURK_PREMIUM", {})
# How often it may be asked, over all processes: so many a second in the long run, and so many at once.
MTURK_RATE: list[float] = env.list("LABELCROWD_MTURK_RATE", [5, 20], subcast=float)
# What the money at the market should not fall below, in cents: those who can add to it get a mail.
MTURK_LOW_BALANCE = env.int("LABELCROWD_MTURK_LOW_BALANCE", 1_000)
# How long its lists may lack what happened.
MARKET_LAG_SECONDS = env.int("LABELCROWD_MARKET_LAG_SECONDS", 120)
# The SQS queue in which the market tells what happens: a hint to look sooner, and no more.
MTURK_QUEUE = env.str("LABELCROWD_MTURK_QUEUE", "")
# An SNS topic's ARN that the queue is subscribed to, where the market is to tell that rather than the queue itself.
MTURK_TOPIC = env.str("LABELCROWD_MTURK_TOPIC", "")

# What our own service of MTurk's API takes of requesters, of the same form as LABELCROWD_MTURK_FEES.
TURK_FEES: list[int] = env.list("LABELCROWD_TURK_FEES", [0, 0, 0, 0, 0], subcast=int)

# How unfold dresses the admin; dotted names are functions of the request.
UNFOLD = {
    "SITE_TITLE": "labelcrowd",
    "SITE_HEADER": "labelcrowd",
    "SITE_URL": None,
    "SITE_ICON": "apps.console.navigation.icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "apps.console.navigation.icon"}],
    "STYLES": ["apps.console.navigation.stylesheet"],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "ACCOUNT": {"navigation": "apps.console.navigation.account"},
    "SIDEBAR": {"navigation": "apps.console.navigation.groups"},
    # The same blue as the workers' pages.
    "COLORS": {
        "primary": {
            "50": "#eff5fd", "100": "#dbe8fa", "200": "#bdd5f5", "300": "#90b9ee", "400": "#6ba3ea", "500": "#3a7ad6",
            "600": "#1f5fbf", "700": "#1b4f9f", "800": "#1c4483", "900": "#1c3b6d", "950": "#142546",
        }
    },
}  # fmt: skip

# "json" for machines, "line" for people.
LOG_FORMAT = env.str("LABELCROWD_LOG_FORMAT", "line" if LOOPBACK else "json")
LOGGING = logs.config(level=env.str("LOG_LEVEL", "WARNING"), form=LOG_FORMAT)
