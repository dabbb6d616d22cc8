"""Signed reports: whoever has the public key can tell that a report is the one that was signed, without the masks."""

from pixret.signing._errors import FalseSignatureError, SigningError
from pixret.signing._keys import SigningKey, VerifyingKey, new_key, read_signing_key, read_verifying_key
from pixret.signing._signature import SIGNATURE_SCHEMA, SignedReport, sign_report, signature_path, verify_report

__all__ = [
    "SIGNATURE_SCHEMA",
    "FalseSignatureError",
    "SignedReport",
    "SigningError",
    "SigningKey",
    "VerifyingKey",
    "new_key",
    "read_signing_key",
    "read_verifying_key",
    "sign_report",
    "signature_path",
    "verify_report",
]
