"""Settings from flags, the environment and a file."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from serving import running_server, small_truth

from pixret.client import Client
from pixret.metrics import MAX_PIXELS
from pixret.service import ServeSettings, ServiceConfig, SettingsError, read_settings, show_settings

GREATEST = {
    "max_message_bytes": 2**31 - 1,
    "max_batch_items": 2**32 - 1,
    "max_mask_runs": 2**32 - 1,
    "max_mask_pixels": MAX_PIXELS,
    "max_polygon_points": 2**32 - 1,
    "max_distractors": 2**32 - 1,
    "max_concurrent_streams": 2**31 - 1,
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "serve.toml"
    path.write_text('max_sessions = 3\nmax_batch_items = 30\nmax_mask_runs = 300\ndata = ["a", "b"]\n')
    return path


def test_flags_win_over_the_environment_and_that_over_the_file(file, monkeypatch):
    monkeypatch.setenv("PIXRET_SERVE_MAX_BATCH_ITEMS", "40")
    monkeypatch.setenv("PIXRET_SERVE_MAX_MASK_RUNS", "400")
    settings = read_settings({"max_mask_runs": 500, "workers": None}, file)
    assert (settings.max_sessions, settings.max_batch_items, settings.max_mask_runs) == (3, 40, 500)
    assert (settings.mask_limits.max_runs, settings.workers) == (500, None)


def test_any_setting_can_be_assigned_and_an_own_flag_wins():
    settings = read_settings({"workers": 2}, assignments=["workers=1", "max_sessions=7", "insecure_plaintext=true"])
    assert (settings.workers, settings.max_sessions, settings.insecure_plaintext) == (2, 7, True)


def test_folders_can_be_several(file, monkeypatch):
    assert [str(path) for path in read_settings({}, file).data] == ["a", "b"]
    monkeypatch.setenv("PIXRET_SERVE_DATA", "c, d")
    assert [str(path) for path in read_settings({}, file).data] == ["c", "d"]
    assert [str(path) for path in read_settings({"data": ["e"]}, file).data] == ["e"]


def test_a_config_in_a_program_knows_nothing_of_the_environment(monkeypatch):
    monkeypatch.setenv("PIXRET_SERVE_MAX_SESSIONS", "1")
    assert ServiceConfig().max_sessions == 1000


def test_what_is_shown_can_be_read_again(tmp_path):
    settings = read_settings({"data": ["d"], "tls_certificate": "c.pem", "tls_key": "k.pem", "workers": 3})
    shown = tmp_path / "shown.toml"
    shown.write_text(show_settings(settings))
    assert read_settings({}, shown) == settings
    assert tomllib.loads(shown.read_text())["tls_key"] == "k.pem"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_sessions = 0", r"setting max_sessions = 0 \(file .*serve.toml\): input should be greater than 0"),
        ('grace = "soon"', r"setting grace = 'soon' \(file .*\): input should be a valid number"),
        ("grace = nan", r"setting grace = nan \(file .*\): input should be a finite number"),
        ("max_sesions = 1", r"no setting max_sesions \(file .*\); did you mean max_sessions\?"),
        ("[limits]\n", r"no setting limits \(file .*\)"),
        ("zzz = 1", "pixret serve --print-config lists all"),
        ("max_sessions = ", "serve.toml: the configuration is no TOML: "),
        ('tls_key = "k.pem"', "tls_certificate and tls_key belong together; give both or neither"),
        ('tls_client_ca = "ca.pem"', "tls_client_ca asks clients for certificates, which takes TLS"),
    ],
)
def test_a_wrong_file_is_refused_by_name_value_and_origin(tmp_path, text, message):
    file = tmp_path / "serve.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=message):
        read_settings({}, file)


def test_a_server_runs_with_every_limit_at_its_greatest():
    with running_server(small_truth(), **GREATEST) as address, Client(address) as client:
        assert client.benchmark("small").digest == small_truth().digest


@pytest.mark.parametrize(("setting", "most"), GREATEST.items())
def test_a_limit_is_at_most_what_the_wire_and_the_core_can_hold(tmp_path, setting, most):
    file = tmp_path / "serve.toml"
    file.write_text(f"{setting} = {most + 1}")
    with pytest.raises(SettingsError, match=rf"setting {setting} = {most + 1} .* less than or equal to {most}"):
        read_settings({}, file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.toml: the configuration cannot be read: No such file"):
        read_settings({}, tmp_path / "nowhere.toml")


def test_a_wrong_variable_is_refused_by_its_name(monkeypatch):
    monkeypatch.setenv("PIXRET_SERVE_WORKERS", "many")
    with pytest.raises(
        SettingsError, match=r"setting workers = 'many' \(environment PIXRET_SERVE_WORKERS\): input should"
    ):
        read_settings({})
    monkeypatch.setenv("PIXRET_SERVE_WORKRES", "1")
    with pytest.raises(
        SettingsError, match=r"no setting workres \(environment PIXRET_SERVE_WORKRES\); did you mean workers"
    ):
        read_settings({})


def test_an_assignment_reads_name_and_value():
    with pytest.raises(SettingsError, match="--set 'workers' is no assignment; it reads NAME=VALUE"):
        read_settings({}, assignments=["workers"])


def test_every_setting_is_described():
    settings = read_settings({})
    assert all(field.description for field in type(settings).model_fields.values())


def test_the_documentation_lists_every_setting_with_its_default():
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (?:`(.*?)`)? ?\| (.*) \|$", page, flags=re.MULTILINE)
    listed = {name: (default, description) for name, default, description in rows if name in ServeSettings.model_fields}
    expected = {
        name: ("" if field.default in (None, ()) else json.dumps(field.default), field.description)
        for name, field in ServeSettings.model_fields.items()
    }
    assert listed == expected


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("/var/lib/pixret", "/var/lib/pixret"),
        ("postgresql://ann:p%40ss-word@db:5432/scores", "postgresql://db:5432/scores"),
        ("postgresql://db/scores?password=p%40ss-word", "postgresql://db/scores"),
    ],
)
def test_no_password_is_shown(state, shown):
    assert f"state = {json.dumps(shown)}" in show_settings(read_settings({"state": state})).splitlines()
    assert "ss-word" not in show_settings(read_settings({"state": state}))
    with pytest.raises(SettingsError) as caught:
        read_settings({"state": state, "workers": 0})
    assert "ss-word" not in str(caught.value)
