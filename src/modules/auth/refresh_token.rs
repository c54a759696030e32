//! Refresh tokens: derived, so that the same successor can be given twice; stored only as hashes.
//!
//! A token is the session's id, its generation, and an HMAC-SHA256 over both. Whoever lacks the key
//! can't make one; whoever holds an old one can be told so.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{config::Secret, wire::SessionId};

/// What the HMAC is over, besides the session and generation; and what a derived key is for.
const PURPOSE: &[u8] = b"rookery refresh token";

/// Makes and checks refresh tokens.
pub struct RefreshKey(Hmac<Sha256>);

/// A token that carries our HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshToken {
    pub session: SessionId,
    pub generation: i64,
}

impl RefreshKey {
    pub fn new(secret: &Secret) -> Self {
        let mut mac =
            Hmac::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes a key of any length");
        mac.update(PURPOSE);
        Self(mac)
    }

    /// The token as it is given to the client.
    pub fn write(&self, token: RefreshToken) -> String {
        let mut bytes = head(token).to_vec();
        bytes.extend_from_slice(&self.mac(&bytes).finalize().into_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The token, if it is one of ours.
    pub fn read(&self, text: &str) -> Option<RefreshToken> {
        let bytes: [u8; 56] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (head, mac) = bytes.split_at(24);
        self.mac(head).verify_slice(mac).ok()?;
        let (session, generation) = head.split_at(16);
        Some(RefreshToken {
            session: SessionId(uuid::Uuid::from_slice(session).ok()?),
            generation: i64::from_be_bytes(generation.try_into().ok()?),
        })
    }

    fn mac(&self, head: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(head);
        mac
    }
}

/// What is stored of a token.
pub fn stored_hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

fn head(RefreshToken { session, generation }: RefreshToken) -> [u8; 24] {
    let mut head = [0; 24];
    head[..16].copy_from_slice(session.0.as_bytes());
    head[16..].copy_from_slice(&generation.to_be_bytes());
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_unchanged_tokens_are_read() {
        let key = RefreshKey::new(&Secret::new("one key of at least thirty-two bytes"));
        let token = RefreshToken { session: SessionId::generate(), generation: 7 };
        let text = key.write(token);
        assert_eq!(key.read(&text), Some(token));
        assert_eq!(key.write(token), text, "the same successor can be given twice");

        let other = RefreshKey::new(&Secret::new("another key of at least thirty-two"));
        assert_eq!(other.read(&text), None);
        assert_eq!(key.read("not a token"), None);
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(key.read(std::str::from_utf8(&changed).unwrap()), None, "changed at {place}");
        }
    }
}
