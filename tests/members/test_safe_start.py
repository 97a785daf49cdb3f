"""labelcrowd doesn't start for the world with settings that are safe for one machine only."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from labelcrowd import safety

KEY = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnop"
SAFE = {"loopback": False, "hosts": ["labels.example.org"], "debug": False, "secret_key": KEY, "proxies": 1}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"hosts": []}, "LABELCROWD_HOSTS is empty"),
        ({"hosts": ["*"]}, "LABELCROWD_HOSTS has '*'"),
        ({"hosts": ["https://labels.example.org"]}, "LABELCROWD_HOSTS has 'https://labels.example.org'"),
        ({"hosts": ["labels.example.org", ""]}, "LABELCROWD_HOSTS has ''"),
        ({"debug": True}, "DEBUG is on"),
        ({"secret_key": "changeme"}, "SECRET_KEY has 8 characters"),
        ({"secret_key": "a" * 80}, "1 of them different"),
        ({"secret_key": "django-insecure-" + KEY}, "begins with 'django-insecure-'"),
        ({"url": "http://labels.example.org"}, "LABELCROWD_URL is 'http://labels.example.org'"),
        ({"vault_keys": ["changeme", KEY]}, "key 1 of LABELCROWD_VAULT_KEYS has 8 characters"),
        ({"proxies": None}, "LABELCROWD_PROXIES is not set"),
        ({"proxies": -1}, "LABELCROWD_PROXIES is -1"),
        ({"metrics_token": "a"}, "LABELCROWD_METRICS_TOKEN has 1 characters"),
        ({"networks": ["0.0.0.0/0"]}, "LABELCROWD_OUTBOUND_NETWORKS has '0.0.0.0/0'"),
        ({"networks": ["127.0.0.1/32"]}, "without this machine's own addresses"),
        ({"networks": ["169.254.169.254/32"]}, "clouds hand out credentials"),
        ({"networks": ["here"]}, "should be a network as 10.1.0.0/16"),
        ({"rates": {"account": [0, 0]}}, "LABELCROWD_RATE_ACCOUNT is '0,0'"),
        ({"rates": {"file": [5]}}, "LABELCROWD_RATE_FILE is '5'"),
        ({"rates": {"file": [float("nan"), 5]}}, "LABELCROWD_RATE_FILE is 'nan,5'"),
        ({"hosts": [".org"]}, "LABELCROWD_HOSTS has '.org'"),
        ({"networks": ["::ffff:0:0/96"]}, "LABELCROWD_OUTBOUND_NETWORKS has '::ffff:0:0/96'"),
        ({"networks": ["64:ff9b::/96"]}, "LABELCROWD_OUTBOUND_NETWORKS has '64:ff9b::/96'"),
        ({"origins": ["*"]}, "LABELCROWD_MARKET_ORIGINS has '*'"),
        ({"origins": ["https://*"]}, "LABELCROWD_MARKET_ORIGINS has 'https://*'"),
        ({"origins": ["http://worker.example.org"]}, "LABELCROWD_MARKET_ORIGINS has 'http://worker"),
        ({"media_seconds": -5}, "LABELCROWD_MEDIA_ADDRESS_SECONDS is -5"),
        ({"database": "sqlite:///x"}, "DATABASE_URL begins with 'sqlite'"),
        ({"broker": "redis://h"}, "BROKER_URL begins with 'redis'"),
        ({"vault_keys": ["a" * 40]}, "key 1 of LABELCROWD_VAULT_KEYS has 40 characters, 1 of them different"),
    ],
)
def test_what_is_unsafe_for_the_world_is_refused_with_a_sentence(changes, sentence):
    with pytest.raises(ImproperlyConfigured) as refused:
        safety.check(**SAFE | changes)

    assert sentence in str(refused.value)


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(ImproperlyConfigured) as refused:
        safety.check(loopback=False, hosts=[], debug=True, secret_key="x")

    assert all(name in str(refused.value) for name in ("LABELCROWD_HOSTS", "DEBUG", "SECRET_KEY"))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"secret_key": ""},
        {"url": "https://labels.example.org"},
        {"vault_keys": [KEY]},
        {"proxies": 0},
        {"metrics_token": KEY, "networks": ["10.1.0.0/16", "fd12::/16"], "rates": {"account": [0.003, 200]}},
        {
            "origins": [
                "https://worker.mturk.com",
                "https://*.example.org:8443",
                "https://intranet",
                "https://[::1]:8000",
            ],
            "media_seconds": 3600,
        },
        {"database": "postgres://h/x", "broker": "amqps://h/x"},
        {"hosts": ["192.0.2.1", "[2001:db8::1]", ".example.org"]},
    ],
)
def test_what_is_safe_is_let_through(changes):
    safety.check(**SAFE | changes)


def test_a_key_that_others_of_the_machine_can_read_or_that_was_cut_is_refused(tmp_path):
    kept = tmp_path / "secret_key"
    kept.write_text(KEY)
    kept.chmod(0o600)
    files = SAFE | {"key_files": [kept, tmp_path / "not made yet"]}
    safety.check(**files)

    kept.chmod(0o660)
    safety.check(**files)
    kept.chmod(0o644)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        safety.check(**files)
    kept.chmod(0o600)
    kept.write_text("short")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ImproperlyConfigured, match="can't be read"):
        safety.check(**SAFE | {"key_files": [tmp_path / "folder"]})
    with pytest.raises(ImproperlyConfigured, match="has 5 characters"):
        safety.check(**files)


def test_an_old_vault_key_that_is_weak_opens_what_it_sealed_and_is_warned_of():
    with pytest.warns(UserWarning, match="key 2 of LABELCROWD_VAULT_KEYS has 8 characters.*manage.py reseal"):
        safety.check(**SAFE | {"vault_keys": [KEY, "changeme"]})


def test_one_machine_alone_may_have_it_all():
    safety.check(loopback=True, hosts=[], debug=True, secret_key="x", url="http://127.0.0.1:8000", vault_keys=["x"])


def test_no_sentence_about_a_key_tells_it():
    with pytest.raises(ImproperlyConfigured) as refused:
        safety.check(**SAFE | {"vault_keys": ["hunter2"]})

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "stays_here"),
    [("0.0.0.0", False), ("::", False), ("192.0.2.1", False), ("example.org", False), ("127.8.8.8", True)],
)
def test_only_loopback_is_loopback(address, stays_here):
    assert safety.is_loopback(address) is stays_here


def started(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_settings_of_the_world_without_a_host_stop_the_start(tmp_path):
    tried = started(
        "-c", "import labelcrowd.wsgi", LABELCROWD_LOOPBACK="false", LABELCROWD_HOSTS="", LABELCROWD_VAR=str(tmp_path)
    )

    assert tried.returncode != 0
    assert "LABELCROWD_HOSTS is empty: it should name the site" in tried.stderr
    assert list(tmp_path.iterdir()) == []


def test_settings_of_the_world_with_all_they_need_ask_for_https_and_the_second_factor(tmp_path):
    (tmp_path / "static").mkdir()
    ask = (
        "import django; django.setup(); from django.conf import settings as s;"
        "print(s.SECOND_FACTOR_REQUIRED, s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.ALLOWED_HOSTS)"
    )

    said = started(
        "-c", ask, LABELCROWD_LOOPBACK="false", LABELCROWD_HOSTS="labels.example.org", LABELCROWD_PROXIES="1",
        LABELCROWD_VAR=str(tmp_path),
        DJANGO_SETTINGS_MODULE="labelcrowd.settings",
    )  # fmt: skip

    assert said.stdout.strip() == "True True True ['labels.example.org']"


def test_s12_the_deployment_check_finds_nothing_to_say_about_settings_for_the_world(tmp_path):
    tried = started(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING",
        LABELCROWD_LOOPBACK="false", LABELCROWD_HOSTS="labels.example.org", LABELCROWD_PROXIES="1",
        LABELCROWD_VAR=str(tmp_path),
    )  # fmt: skip

    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "no issues" in tried.stdout


@pytest.mark.parametrize(("proxies", "answered"), [("1", 404), ("0", 301)])
def test_what_came_to_a_proxy_by_https_is_not_redirected_to_https_again(tmp_path, proxies, answered):
    (tmp_path / "static").mkdir()
    ask = (
        "import django; django.setup(); from django.test import Client;"
        "asked = Client(headers={'host': 'labels.example.org', 'x-forwarded-proto': 'https'});"
        "print(asked.get('/nowhere').status_code)"
    )

    said = started(
        "-c", ask, LABELCROWD_LOOPBACK="false", LABELCROWD_HOSTS="labels.example.org", LABELCROWD_PROXIES=proxies,
        LABELCROWD_VAR=str(tmp_path), DJANGO_SETTINGS_MODULE="labelcrowd.settings",
    )  # fmt: skip

    assert said.stdout.strip() == str(answered), said.stderr[-1500:]


def test_s12_the_deployment_check_is_silent_on_loopback_about_tls_alone_and_nowhere_else(settings):
    assert settings.LOOPBACK
    assert settings.SILENCED_SYSTEM_CHECKS == ["security.W004", "security.W008", "security.W010", "security.W016"]
