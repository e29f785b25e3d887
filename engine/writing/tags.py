"""Words that carry a tag: hesitations and swear words, as the protocol lists them for English.

Source: speechmatics/docs, docs/speech-to-text/formatting.mdx, "Full list of tagged English disfluencies".
"""

from __future__ import annotations

_HESITATIONS = (
    "huh aha ah aw eh err hmm mm um uh uh-oh uh-huh uh-uh mhm a-ha aah aahh aaw ah-ha ahaa ahh ahha aww eeh erm hhm"
    " hhmm hm huh-uh m-hm uggh ugh ughh uhh uhhm uhm uhmm umm uuh uuhh uum"
)
# The protocol's own list is not published: the plainest ones, since a wrong tag is worse than a missing one.
_OATHS = "fuck fucked fucker fucking motherfucker shit bullshit shitty cunt asshole bitch"
DISFLUENCIES, PROFANITIES = frozenset(_HESITATIONS.split()), frozenset(_OATHS.split())


def tags_of(word: str) -> tuple[str, ...]:
    """The tags of a lower-case spoken word."""
    if word in DISFLUENCIES:
        return ("disfluency",)
    return ("profanity",) if word in PROFANITIES else ()
