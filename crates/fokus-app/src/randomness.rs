//! Random bytes, fetched by the block: a command needs a few dozen in small pieces, and each call to the
//! operating system costs more than its bytes.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::{Zeroize, Zeroizing};

use crate::clock::Entropy;

/// Bytes fetched at once.
const BLOCK_BYTES: usize = 4096;

/// An [`Entropy`] in front of another one. Each byte is given out once, and wiped here then.
pub(crate) struct Blockwise {
    source: Arc<dyn Entropy>,
    block: Mutex<Block>,
}

struct Block {
    bytes: Zeroizing<[u8; BLOCK_BYTES]>,
    used: usize,
}

impl Blockwise {
    /// Nothing fetched yet.
    pub(crate) fn new(source: Arc<dyn Entropy>) -> Self {
        let block = Block { bytes: Zeroizing::new([0; BLOCK_BYTES]), used: BLOCK_BYTES };
        Blockwise { source, block: Mutex::new(block) }
    }
}

impl fmt::Debug for Blockwise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blockwise(redacted)")
    }
}

impl Entropy for Blockwise {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > BLOCK_BYTES {
            return self.source.fill(bytes);
        }
        // A panic of the source leaves the block used up or untouched: its bytes are never given twice.
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        if block.used + bytes.len() > BLOCK_BYTES {
            block.used = BLOCK_BYTES;
            self.source.fill(block.bytes.as_mut_slice());
            block.used = 0;
        }
        let used = block.used;
        block.used += bytes.len();
        if let Some(given) = block.bytes.get_mut(used..used + bytes.len()) {
            bytes.copy_from_slice(given);
            given.zeroize();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Counts upwards, eight bytes a number.
    #[derive(Default)]
    struct Counting(AtomicU64);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for chunk in bytes.chunks_mut(8) {
                let next = self.0.fetch_add(1, Ordering::Relaxed) + 1;
                chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
            }
        }
    }

    #[test]
    fn no_byte_is_given_twice_and_none_is_left_behind() {
        let random = Blockwise::new(Arc::new(Counting::default()));
        let mut seen = std::collections::BTreeSet::new();
        for round in 0..3000_usize {
            let mut bytes = vec![0; [8, 24, 32, 16][round % 4]];
            random.fill(&mut bytes);
            for number in bytes.chunks(8) {
                assert!(seen.insert(number.to_vec()), "round {round}");
            }
            let block = random.block.lock().unwrap();
            assert!(block.bytes[..block.used].iter().all(|it| *it == 0), "round {round}");
        }
        let mut many = vec![0; BLOCK_BYTES * 2];
        random.fill(&mut many);
        assert!(many.chunks(8).all(|it| seen.insert(it.to_vec())));
    }
}
