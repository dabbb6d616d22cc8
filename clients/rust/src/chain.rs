use sha2::{Digest, Sha256};

/// Digest of all items of a session in their order: equal digests mean equal items. It is all zeros without items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainDigest([u8; 32]);

impl ChainDigest {
    /// The digest as messages carry it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Goes on by one item, given in its canonical bytes.
    pub(crate) fn extend(&mut self, item: &[u8]) {
        let digest = Sha256::digest(item);
        self.0 = Sha256::new()
            .chain_update(self.0)
            .chain_update(&digest[..16])
            .finalize()
            .into();
    }
}
