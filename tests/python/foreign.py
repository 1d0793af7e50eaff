"""Checks a log with tlog-scales, which knows nothing of fokus: the checkpoint's signature, every leaf's inclusion,
and that the log continues a checkpoint kept earlier.

Arguments: the log (a folder or a URL of C2SP tlog-tiles), the log's verifier key, the kept checkpoint's file.
"""

import sys

from tlog_scales import tiles
from tlog_scales.backend import make_backend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint


def main() -> None:
    location, key, kept_file = sys.argv[1:]
    vkey = Vkey.from_string(key)
    reader = TilesReader(make_backend(location))
    checkpoint = reader.get_checkpoint()
    checkpoint.verify(vkey)
    assert checkpoint.origin == vkey.name, "the checkpoint is of another log"
    assert reader.calculate_root_hash() == checkpoint.root_hash, "the tiles lead to another root"
    for index in range(checkpoint.size):
        leaf = tiles.leaf_hash(reader.get_entry(index))
        reader.get_inclusion_proof(index, checkpoint.size).check(leaf, checkpoint.root_hash)

    with open(kept_file, encoding="utf-8") as file:
        kept = Checkpoint.from_text(file.read())
    kept.verify(vkey)
    assert kept.origin == checkpoint.origin, "the kept checkpoint is of another log"
    proof = reader.get_consistency_proof(kept.size, checkpoint.size)
    proof.check(kept.root_hash, checkpoint.root_hash)
    print(f"{checkpoint.size} leaves, continuing {kept.size}")


if __name__ == "__main__":
    main()
