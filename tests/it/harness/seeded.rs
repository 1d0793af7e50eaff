//! Ids and dice from a seed: the same name gives the same test.

use sha2::{Digest as _, Sha256};
use uuid::Builder;

/// A generator of its own for each name.
pub(crate) struct Seeded {
    name: String,
    drawn: u64,
}

impl Seeded {
    /// The generator of this name, from its beginning.
    pub(crate) fn new(name: impl Into<String>) -> Seeded {
        Seeded { name: name.into(), drawn: 0 }
    }

    fn draw(&mut self) -> u128 {
        self.drawn += 1;
        let digest = Sha256::new().chain_update(&self.name).chain_update(self.drawn.to_be_bytes());
        let digest = digest.finalize();
        u128::from_be_bytes(*digest.first_chunk().expect("a digest has 32 bytes"))
    }

    /// A UUID of version 4.
    pub(crate) fn id(&mut self) -> String {
        Builder::from_random_bytes(self.draw().to_be_bytes()).into_uuid().to_string()
    }

    /// A number from 0 to `limit` − 1.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        u64::try_from(self.draw() % u128::from(limit)).expect("less than the limit")
    }
}
