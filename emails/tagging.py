"""What the links of an email are about, by the tags of its blocks."""

from emails.reading import BadBlocksError, read_blocks

MOST_NAMES = 20  # of one block


def tags_of_links(blocks: str) -> dict[str, set[str]]:
    """Target of a link → names of tags, of the blocks that have some; of two blocks with one link those of both."""
    found: dict[str, set[str]] = {}
    try:
        kept = read_blocks(blocks)
    except BadBlocksError:
        return found
    for block in kept:
        if block.tags:
            for target in block.links():
                found.setdefault(target.strip(), set()).update(block.tags[:MOST_NAMES])
    return found
