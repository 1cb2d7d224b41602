"""Derivations made by hand, checked: what a claim says, whether it is right, and if not, why."""

from symnn.claims.checking import check_claims
from symnn.claims.claim import Claim, ClaimError, Verdict, claims_in

__all__ = ["Claim", "ClaimError", "Verdict", "check_claims", "claims_in"]
