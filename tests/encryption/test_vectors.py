"""Published vectors for the primitives as we call them, and frozen vectors of our own."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from encryption import envelope as module
from encryption.envelope import Context, DataKey, open_envelope, seal
from tests.encryption.decoder import decode, expand
from tests.encryption.places import contexts, keys

# RFC 5869, appendix A.1 to A.3: PRK, info, OKM.
HKDF = [
    (
        "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
        "f0f1f2f3f4f5f6f7f8f9",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
        bytes(range(0xB0, 0x100)).hex(),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
        "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
        "cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ),
    (
        "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
        "",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
]
# McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 to 15: key, nonce, text, sealed.
GCM = [
    ("00" * 32, "00" * 12, "", "530f8afbc74536b9a963b4f1c4cb738b"),
    ("00" * 32, "00" * 12, "00" * 16, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
    (
        "feffe9928665731c6d6a8f9467308308" * 2,
        "cafebabefacedbaddecaf888",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
        "b094dac5d93471bdec1a502270e3cc6c",
    ),
]
FROZEN: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors.json").read_text())


@pytest.mark.parametrize(("prk", "info", "okm"), HKDF)
def test_the_derivation_agrees_with_rfc_5869(prk: str, info: str, okm: str) -> None:
    key, label, length = bytes.fromhex(prk), bytes.fromhex(info), len(okm) // 2
    assert HKDFExpand(SHA256(), length, label).derive(key).hex() == okm
    assert expand(key, label, length).hex() == okm, "the second decoder derives something else"


@pytest.mark.parametrize(("key", "nonce", "text", "sealed"), GCM)
def test_the_cipher_agrees_with_the_published_vectors(key: str, nonce: str, text: str, sealed: str) -> None:
    cipher = AESGCM(bytes.fromhex(key))
    assert cipher.encrypt(bytes.fromhex(nonce), bytes.fromhex(text), None).hex() == sealed


def key_and_place(vector: dict[str, Any]) -> tuple[DataKey, Context]:
    epoch = UUID(vector["epoch"]) if vector["epoch"] else None
    place = Context(vector["schema"], UUID(vector["center"]), UUID(vector["row"]), epoch, vector["direction"])
    return DataKey(bytes.fromhex(vector["kid"]), bytes.fromhex(vector["secret"])), place


@pytest.mark.parametrize("vector", FROZEN)
def test_what_was_sealed_long_ago_still_opens(vector: dict[str, Any]) -> None:
    key, place = key_and_place(vector)
    envelope = bytes.fromhex(vector["envelope"])
    assert open_envelope(envelope, key=key, context=place).hex() == vector["plain"]
    assert decode(envelope, key.secret, *place).hex() == vector["plain"]


@pytest.mark.parametrize("vector", FROZEN)
def test_sealing_with_the_same_salt_gives_the_frozen_bytes(
    vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, place = key_and_place(vector)
    salt = bytes.fromhex(vector["envelope"])[9:33]
    monkeypatch.setattr(module.os, "urandom", lambda length: salt)
    assert seal(bytes.fromhex(vector["plain"]), key=key, context=place).hex() == vector["envelope"]


@given(plain=st.binary(max_size=4000), key=keys, place=contexts)
def test_the_second_decoder_opens_whatever_we_seal(plain: bytes, key: DataKey, place: Context) -> None:
    assert decode(seal(plain, key=key, context=place), key.secret, *place) == plain


def test_the_second_decoder_imports_nothing_of_ours() -> None:
    source = (Path(__file__).parent / "decoder.py").read_text()
    assert "encryption." not in source.replace("docs/encryption.md", "")
    assert "import" in source
