import re

from gateway.accounts.passwords import check_password, digest, hash_password, new_app_password


def test_a_password_matches_its_hash_and_no_other():
    hashed = hash_password("Grüße, Welt")

    assert hashed.startswith("$argon2id$")
    assert check_password("Grüße, Welt", hashed)
    assert not check_password("Grüße, welt", hashed)


def test_nobody_can_sign_in_where_there_is_no_hash():
    assert not check_password("", None)
    assert not check_password("x", "not a hash")


def test_app_passwords_have_160_bits_and_only_their_digest_is_kept():
    plain, kept = new_app_password()

    assert re.fullmatch(r"([a-z2-7]{4}-){7}[a-z2-7]{4}", plain)
    assert kept == digest(plain)
    assert len(kept) == 64
    assert new_app_password()[0] != plain
