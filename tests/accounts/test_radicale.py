import asyncio
from pathlib import Path

import bcrypt
import pytest

from gateway.accounts.radicale import RadicaleLogin
from gateway.config import Auth
from gateway.errors import BackendUnavailable, ConfigError


def users(folder: Path, **lines: str) -> str:
    file = folder / "users"
    file.write_text("".join(f"{name}:{password}\n" for name, password in lines.items()), encoding="utf-8")
    return str(file)


def htpasswd(file: str, encryption: str = "autodetect", **options: str) -> Auth:
    return Auth(type="htpasswd", radicale={"htpasswd_filename": file, "htpasswd_encryption": encryption, **options})


@pytest.fixture
def made():
    """Builds logins and lets their threads go afterwards."""
    logins: list[RadicaleLogin] = []

    def make(settings: Auth) -> RadicaleLogin:
        logins.append(RadicaleLogin(settings))
        return logins[-1]

    yield make
    for login in logins:
        login.close()


@pytest.mark.parametrize("encryption", ["bcrypt", "autodetect"])
async def test_passwords_of_an_htpasswd_file(made, tmp_path, encryption):
    hashed = bcrypt.hashpw("größe".encode(), bcrypt.gensalt(4)).decode()
    login = made(htpasswd(users(tmp_path, ann=hashed), encryption))

    assert await login.login("ann", "größe") == "ann"
    assert await login.login("ann", "other") is None
    assert await login.login("bob", "größe") is None


async def test_plain_passwords(made, tmp_path):
    login = made(htpasswd(users(tmp_path, ann="pass:word"), "plain"))

    assert await login.login("ann", "pass:word") == "ann"
    assert await login.login("ann", "pass") is None


async def test_a_changed_file_counts_at_once(made, tmp_path):
    login = made(htpasswd(users(tmp_path, ann="old"), "plain"))
    users(tmp_path, ann="new")

    assert await login.login("ann", "new") == "ann"
    assert await login.login("ann", "old") is None


async def test_names_after_the_plugins_own_rules(made, tmp_path):
    login = made(htpasswd(users(tmp_path, ann="secret"), "plain", lc_username="True", strip_domain="True"))

    assert await login.login("Ann@example.com", "secret") == "ann"


@pytest.mark.parametrize(("user", "password"), [("", "secret"), ("ann", ""), ("", "")])
async def test_nobody_gets_in_with_nothing(made, tmp_path, user, password):
    login = made(htpasswd(users(tmp_path, ann="secret"), "plain"))

    assert await login.login(user, password) is None


async def test_many_at_once(made, tmp_path):
    login = made(htpasswd(users(tmp_path, ann="a", bob="b"), "plain"))
    answers = await asyncio.gather(*(login.login(name, name[0]) for name in ["ann", "bob", "eve"] * 10))

    assert answers == ["ann", "bob", None] * 10


async def test_the_proxys_header_is_no_password(made):
    login = made(Auth(type="http_x_remote_user"))

    assert await login.login("ann", "anything") is None
    assert await login.remote_user("ann") == "ann"
    assert await login.remote_user("") is None


async def test_other_types_take_no_header(made, tmp_path):
    assert await made(htpasswd(users(tmp_path, ann="secret"), "plain")).remote_user("ann") is None


async def test_a_file_that_went_away_is_no_wrong_password(made, tmp_path):
    login = made(htpasswd(users(tmp_path, ann="secret"), "plain", htpasswd_cache="False"))
    (tmp_path / "users").unlink()
    with pytest.raises(BackendUnavailable):
        await login.login("ann", "secret")


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Auth(type="htpasswd", radicale={"no_such_option": "1"}), id="unknown option"),
        pytest.param(Auth(type="htpasswd", radicale={"htpasswd_encryption": "rot13"}), id="unknown method"),
        pytest.param(Auth(type="ldap", radicale={"ldap_security": "rot13"}), id="no such security, or no ldap3"),
        pytest.param(Auth(type="htpasswd", radicale={"delay": "soon"}), id="no number"),
    ],
)
def test_options_that_cannot_work(made, settings):
    with pytest.raises(ConfigError, match=r"auth\.radicale"):
        made(settings)
