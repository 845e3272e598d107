"""The offline verifier: the standard library and `cryptography` alone, so that it runs where nothing of ours is.

The ledger builds on the same functions with which others check it. `audit.proof.program` puts this package into the
one file `verify.pyz`. Sources: RFC 6962 (trees and proofs), RFC 8785 (canonical JSON), C2SP signed-note, C2SP
tlog-checkpoint.
"""
