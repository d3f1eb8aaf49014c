#!/usr/bin/env bash
# Perl, as openssl-src calls it to build the OpenSSL that phones carry (.cargo/config.toml): leaves out of its
# configuration what SQLCipher never asks for. It uses AES-256, HMAC and PBKDF2 over SHA-1 and SHA-2, and random bytes;
# TLS is rustls's. Without this the library is 2 MiB larger, because OpenSSL's tables name all that it can.
set -euo pipefail

without=(
  # Signatures, key exchange, and what post-quantum has brought.
  ec dh dsa sm2 ml-dsa ml-kem slh-dsa lms gost
  # Ciphers, hashes and derivations.
  aria bf cast chacha des poly1305 rc2 rc4 sm4 ocb siv blake2 md4 mdc2 rmd160 sm3 whirlpool siphash argon2 scrypt
  # Protocols and their files.
  tls dtls quic psk srp srtp ssl-trace cms cmp ct ocsp ts rfc3779 http sock dgram
  # Programs, settings read from files, and words for errors, of which only the codes are logged.
  apps docs autoload-config engine err filenames ui-console
)

if [ "${1:-}" = ./Configure ]; then
  exec perl "$@" "${without[@]/#/no-}"
fi
exec perl "$@"
