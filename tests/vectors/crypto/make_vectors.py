#!/usr/bin/env python3
"""Writes the vectors of this folder from a second implementation of our constructions.

It shares no code with common/crypto: BLAKE2b and HMAC are Python's own, the rest is libsodium called directly.
Needed only when a format changes, which is then seen as a diff of these files:

    python3 tests/vectors/crypto/make_vectors.py
"""
import ctypes
import ctypes.util
import hashlib
import hmac
import json
import os
import struct

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
assert sodium.sodium_init() >= 0
here = os.path.dirname(os.path.abspath(__file__))
u64 = ctypes.c_ulonglong


def counted(first, size):
    """Bytes that are easy to recognise: first, first + 1, ..."""
    return bytes((first + i) % 256 for i in range(size))


def prefixed(*parts):
    return b"".join(struct.pack(">I", len(p)) + p for p in parts)


def labelled(label, *parts, key=b""):
    return hashlib.blake2b(prefixed(label, *parts), digest_size=32, key=key).digest()


def chacha20_stream(key, size):
    out = ctypes.create_string_buffer(size)
    assert sodium.crypto_stream_chacha20(out, u64(size), bytes(8), key) == 0
    return out.raw


def aead(key, nonce, aad, plain):
    out = ctypes.create_string_buffer(len(plain) + 16)
    assert sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        out, None, plain, u64(len(plain)), aad, u64(len(aad)), None, nonce, key) == 0
    return out.raw


def x25519_public(secret):
    out = ctypes.create_string_buffer(32)
    assert sodium.crypto_scalarmult_base(out, secret) == 0
    return out.raw


def sealed(recipient, plain, ephemeral_secret):
    ephemeral = x25519_public(ephemeral_secret)
    nonce = hashlib.blake2b(ephemeral + recipient, digest_size=24).digest()
    out = ctypes.create_string_buffer(len(plain) + 16)
    assert sodium.crypto_box_easy(out, plain, u64(len(plain)), nonce, recipient, ephemeral_secret) == 0
    return ephemeral + out.raw


def argon2id(passphrase, salt, passes, memory_kib):
    out = ctypes.create_string_buffer(32)
    assert sodium.crypto_pwhash_argon2id(
        out, u64(32), passphrase, u64(len(passphrase)), salt, u64(passes), ctypes.c_size_t(memory_kib * 1024),
        ctypes.c_int(2)) == 0
    return out.raw


def commitment(key, aad):
    return labelled(b"mash.v1.key-commitment", aad, key=key)


def wrapped(key, aad, secret, nonce):
    version = b"mash-wr1"
    bound = version + prefixed(aad)
    return version + nonce + commitment(key, bound) + aead(key, nonce, bound, secret)


def password_blob(passphrase, context, secret, passes, memory_kib, salt, nonce):
    header = b"mash-pw1" + struct.pack(">II", passes, memory_kib) + salt
    key = argon2id(passphrase, salt, passes, memory_kib)
    return header + wrapped(key, prefixed(header, context), secret, nonce)


def signed(seed, message):
    public, secret, out = (ctypes.create_string_buffer(n) for n in (32, 64, 64))
    assert sodium.crypto_sign_seed_keypair(public, secret, seed) == 0
    assert sodium.crypto_sign_detached(out, None, message, u64(len(message)), secret) == 0
    return public.raw, out.raw


def fingerprint(digest):
    groups = [int.from_bytes(digest[5 * i:5 * i + 5], "big") % 100000 for i in range(6)]
    return " ".join("%05d" % g for g in groups)


def write(name, what, **content):
    def plain(value):
        if isinstance(value, bytes):
            return value.hex()
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(v) for v in value]
        return value

    with open(os.path.join(here, name), "w", encoding="utf-8") as out:
        json.dump({"what": what, **plain(content)}, out, indent=1, ensure_ascii=False)
        out.write("\n")


def flipped(data, index):
    changed = bytearray(data)
    changed[index] ^= 1
    return bytes(changed)


lists = [
    [], [b""], [b"", b""], [b"a"], [b"ab", b"c"], [b"a", b"bc"], [b"abc"],
    [counted(0, 128)], [counted(0, 129), counted(7, 300)],
]
write("labelled_hash.json",
      "BLAKE2b-256 over length-prefixed label and parts; every digest of this file differs from every other. "
      "Bytes are hexadecimal, labels are text.",
      unkeyed=[{"label": "mash.v1.test", "parts": p, "digest": labelled(b"mash.v1.test", *p)} for p in lists]
      + [{"label": "mash.v1.tes", "parts": [b"t"], "digest": labelled(b"mash.v1.tes", b"t")},
         {"label": "", "parts": [], "digest": labelled(b"")}],
      keyed=[{"key": k, "label": "mash.v1.test", "parts": p, "digest": labelled(b"mash.v1.test", *p, key=k)}
             for k in (counted(0, 16), counted(0, 32), counted(0, 64)) for p in ([], [b"abc"])],
      hmac_sha256=[{"key": counted(0, n), "message": b"abc",
                    "digest": hmac.new(counted(0, n), b"abc", "sha256").digest()} for n in (1, 32, 64, 65, 200)])

write("seeded_random.json", "The first 1,200 bytes of SeededRandom, as one SHA-256, and its first 32 bytes.",
      streams=[{"seed": str(seed), "stream": stream.decode(),
                "first": chacha20_stream(labelled(b"mash.v1.seeded-random", struct.pack(">Q", seed), stream), 32),
                "sha256": hashlib.sha256(chacha20_stream(
                    labelled(b"mash.v1.seeded-random", struct.pack(">Q", seed), stream), 1200)).digest()}
               for seed, stream in ((0, b""), (20261121, b""), (20261121, b"network"), (2**64 - 1, b""))],
      raw=[{"seed": counted(0, 32), "first": chacha20_stream(counted(0, 32), 32)}])

seed = counted(0x40, 32)
message = b"a message"
public, signature = signed(seed, labelled(b"mash.v1.test", message))
_, two_parts = signed(seed, labelled(b"mash.v1.test", b"a ", b"message"))
_, unlabelled = signed(seed, message)
write("signature.json",
      "Ed25519 over labelled_hash(label, {message}), and fingerprints. Under `invalid` each entry must be refused for "
      "this key, label and message.",
      seed=seed, key=public, label="mash.v1.test", message=message, signature=signature,
      invalid=[{"why": "signed in two parts", "signature": two_parts},
               {"why": "signed without a label", "signature": unlabelled},
               {"why": "first bit of R changed", "signature": flipped(signature, 0)},
               {"why": "first bit of S changed", "signature": flipped(signature, 32)},
               {"why": "all zero", "signature": bytes(64)}],
      fingerprint_of_key=fingerprint(labelled(b"mash.v1.fingerprint.key", public)),
      fingerprint_of_digest={"digest": counted(0, 32),
                             "text": fingerprint(labelled(b"mash.v1.fingerprint.digest", counted(0, 32)))})

recipient_secret = counted(0x80, 32)
recipient = x25519_public(recipient_secret)
ephemeral_secret = chacha20_stream(counted(0, 32), 32)
box = sealed(recipient, b"the grant", ephemeral_secret)
write("sealed_box.json",
      "seal_to with the ephemeral secret key as the first 32 bytes of SeededRandom(random_seed).",
      recipient_secret=recipient_secret, recipient=recipient, random_seed=counted(0, 32),
      valid=[{"plain": p, "sealed": sealed(recipient, p, ephemeral_secret)} for p in (b"", b"the grant", counted(0, 300))],
      invalid=[{"why": "empty", "sealed": b"", "error": "malformed"},
               {"why": "one byte short of the overhead", "sealed": box[:47], "error": "malformed"},
               {"why": "truncated", "sealed": box[:-1], "error": "decrypt_failed"},
               {"why": "extended", "sealed": box + b"\0", "error": "decrypt_failed"},
               {"why": "ephemeral key changed", "sealed": flipped(box, 0), "error": "decrypt_failed"},
               {"why": "tag changed", "sealed": flipped(box, 32), "error": "decrypt_failed"},
               {"why": "text changed", "sealed": flipped(box, 48), "error": "decrypt_failed"},
               {"why": "ephemeral key of small order", "sealed": bytes(32) + box[32:], "error": "decrypt_failed"},
               {"why": "sealed to another key", "sealed": sealed(x25519_public(counted(0x81, 32)), b"the grant",
                                                                 ephemeral_secret), "error": "decrypt_failed"}])

key, nonce, aad = counted(0x20, 32), counted(0x60, 24), b"sender and id and section and view"
write("key_commitment.json", "key_commitment(key, aad); each digest differs.",
      commitments=[{"key": k, "aad": a, "digest": commitment(k, a)}
                   for k in (key, flipped(key, 31)) for a in (b"", aad)])

place = lambda space, row: prefixed(b"mash.v1.column", space, row)
column = lambda space, row, plain: b"\1" + chacha20_stream(counted(0, 32), 24) + aead(
    key, chacha20_stream(counted(0, 32), 24), place(space, row), plain)
stored = column(b"outbox.content", b"row-1", b"a value")
write("column.json", "encrypt_column with the nonce as the first 24 bytes of SeededRandom(random_seed).",
      key=key, random_seed=counted(0, 32), space="outbox.content", row_key=b"row-1",
      valid=[{"plain": p, "stored": column(b"outbox.content", b"row-1", p)} for p in (b"", b"a value")],
      invalid=[{"why": "empty", "stored": b"", "error": "malformed"},
               {"why": "one byte short", "stored": stored[:40], "error": "malformed"},
               {"why": "version 2", "stored": b"\2" + stored[1:], "error": "unsupported_version"},
               {"why": "nonce changed", "stored": flipped(stored, 1), "error": "decrypt_failed"},
               {"why": "tag changed", "stored": flipped(stored, len(stored) - 1), "error": "decrypt_failed"},
               {"why": "of another row", "stored": column(b"outbox.content", b"row-2", b"a value"),
                "error": "decrypt_failed"},
               {"why": "of another space", "stored": column(b"inbox.content", b"row-1", b"a value"),
                "error": "decrypt_failed"},
               {"why": "space and row cut elsewhere", "stored": column(b"outbox.contentr", b"ow-1", b"a value"),
                "error": "decrypt_failed"}])

pad = lambda plain, size: plain + b"\x80" + bytes(size - len(plain) - 1)
write("padding.json",
      "`sizes`: plain bytes and padded bytes. `invalid`: each is `text` ‖ `zeros` zero bytes and must be refused.",
      sizes=[[0, 256], [1, 256], [255, 256], [256, 1024], [1023, 1024], [1024, 4096], [4095, 4096], [4096, 16384],
             [16383, 16384], [16384, 65536], [65535, 65536], [65536, 131072], [131071, 131072], [131072, 196608]],
      padded={"plain": b"abc\x80\x00", "padded": pad(b"abc\x80\x00", 256)},
      invalid=[{"why": "nothing at all", "text": b"", "zeros": 0},
               {"why": "no marker", "text": b"", "zeros": 256},
               {"why": "another marker", "text": b"abc\x81", "zeros": 252},
               {"why": "padded to no step", "text": b"abc\x80", "zeros": 251},
               {"why": "padded to a larger step than it needs", "text": b"abc\x80", "zeros": 1020},
               {"why": "marker followed by text", "text": b"abc\x80d", "zeros": 251}])

passphrase, context, secret = "correct horse battery staple £".encode(), b"mash.v1.root-key", counted(0xc0, 32)
drawn = chacha20_stream(counted(0, 32), 40)
make = lambda ctx=context, words=passphrase, passes=2, kib=64: password_blob(
    words, ctx, secret, passes, kib, drawn[:16], drawn[16:])
blob = make()
header = lambda passes, kib: blob[:8] + struct.pack(">II", passes, kib) + blob[16:]
write("password_blob.json",
      "seal_with_passphrase with salt and nonce as the first 40 bytes of SeededRandom(random_seed).",
      random_seed=counted(0, 32), passphrase=passphrase.decode(), context=context.decode(), passes=2, memory_kib=64,
      secret=secret, blob=blob,
      invalid=[{"why": "empty", "blob": b"", "error": "malformed"},
               {"why": "one byte short of all fixed fields", "blob": blob[:111], "error": "malformed"},
               {"why": "another version", "blob": b"mash-pw2" + blob[8:], "error": "unsupported_version"},
               {"why": "another version inside", "blob": blob[:32] + b"mash-wr2" + blob[40:],
                "error": "unsupported_version"},
               {"why": "asks for 64 GiB", "blob": header(2, 64 * 1024 * 1024), "error": "bad_value"},
               {"why": "asks for 1 KiB over the bound", "blob": header(2, 512 * 1024 + 1), "error": "bad_value"},
               {"why": "asks for too little memory", "blob": header(2, 7), "error": "bad_value"},
               {"why": "asks for no pass", "blob": header(0, 64), "error": "bad_value"},
               {"why": "asks for 17 passes", "blob": header(17, 64), "error": "bad_value"},
               {"why": "asks for 4294967295 passes", "blob": header(2**32 - 1, 64), "error": "bad_value"},
               {"why": "fewer passes than it was made with", "blob": header(1, 64), "error": "wrong_credential"},
               {"why": "salt changed", "blob": flipped(blob, 16), "error": "wrong_credential"},
               {"why": "commitment changed", "blob": flipped(blob, 64), "error": "wrong_credential"},
               {"why": "made with another passphrase", "blob": make(words=b"another"), "error": "wrong_credential"},
               {"why": "made for another purpose", "blob": make(ctx=b"mash.v1.other"), "error": "wrong_credential"},
               {"why": "nonce changed", "blob": flipped(blob, 40), "error": "decrypt_failed"},
               {"why": "text changed", "blob": flipped(blob, 96), "error": "decrypt_failed"},
               {"why": "truncated", "blob": blob[:-1], "error": "decrypt_failed"}])

token = counted(0x10, 32)
write("token.json", "Bearer tokens: text, verifier, and one derived key for each label.",
      token=token, text=__import__("base64").urlsafe_b64encode(token).rstrip(b"=").decode(),
      verifier=labelled(b"mash.v1.token-verifier", key=token),
      derived=[{"label": lab, "key": labelled(b"mash.v1.token-key", lab.encode(), key=token)}
               for lab in ("", "mash.v1.person-key", "mash.v1.person-kez")])

cctv = os.path.join(os.environ.get("MASH_SHARED_DATA", os.path.join(here, "../../../../shared/data")),
                    "vectors/cctv_ed25519.json")
if os.path.exists(cctv):
    by_flag, accepted = {}, []
    for case in json.load(open(cctv, encoding="utf-8")):
        text = case["msg"].encode()
        good = sodium.crypto_sign_verify_detached(bytes.fromhex(case["sig"]), text, u64(len(text)),
                                                  bytes.fromhex(case["key"])) == 0
        if good:
            accepted.append(case["number"])
        for flag in case["flags"] or ["none"]:
            counts = by_flag.setdefault(flag, {})
            word = "accepted" if good else "refused"
            counts[word] = counts.get(word, 0) + 1
    write("cctv_ed25519_behaviour.json",
          "Which of C2SP/CCTV's Ed25519 edge cases libsodium 1.0.18 accepts: counts by flag, and their numbers.",
          by_flag=by_flag, accepted_numbers=accepted)
