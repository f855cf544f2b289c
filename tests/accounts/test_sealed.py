import pytest
from cryptography.fernet import Fernet

from gateway.accounts.sealed import Sealer, load_or_create
from gateway.errors import ConfigError


def test_what_was_sealed_opens_again_and_shows_nothing():
    sealer = Sealer([Fernet.generate_key()])

    sealed = sealer.seal("geheim: ü")

    assert b"geheim" not in sealed
    assert sealer.open(sealed) == "geheim: ü"


def test_a_new_first_key_seals_and_the_old_one_still_opens():
    old, new = Fernet.generate_key(), Fernet.generate_key()
    sealed = Sealer([old]).seal("x")

    renewed = Sealer([new, old]).renew(sealed)

    assert Sealer([new]).open(renewed) == "x"


def test_another_key_opens_nothing():
    sealed = Sealer([Fernet.generate_key()]).seal("x")

    with pytest.raises(ConfigError):
        Sealer([Fernet.generate_key()]).open(sealed)


def test_the_key_file_is_made_once_for_its_owner_only(tmp_path):
    path = tmp_path / "data" / "secret.key"

    sealed = load_or_create(path).seal("x")

    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_create(path).open(sealed) == "x"
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("content", ["", "\n\n", "no key\n"])
def test_a_broken_key_file_is_named(tmp_path, content):
    path = tmp_path / "secret.key"
    path.write_text(content)

    with pytest.raises(ConfigError, match=r"secrets\.key_file"):
        load_or_create(path)
