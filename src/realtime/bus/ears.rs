//! What a node hears, and who listens.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use socketioxide_redis::drivers::ChanItem;
use tokio::sync::{broadcast, mpsc};
use uuid::Uuid;

use super::word::{News, Notice, Sign, Word};
use crate::wire::{StreamId, UserId};

/// News that a slow listener may be behind; further back it asks the database.
const NEWS: usize = 4096;
/// They are few.
const NOTICES: usize = 1024;
/// About people; who is slow asks who is here.
const SIGNS: usize = 1024;
/// Of emitters; they are told by nobody when some are lost.
const EMITTED: usize = 1024;

pub struct Ears {
    pub news: broadcast::Sender<(StreamId, News)>,
    pub notices: broadcast::Sender<Notice>,
    /// Whom they are about, and which node says it.
    pub signs: broadcast::Sender<(UserId, Uuid, Sign)>,
    /// As emitters write it.
    pub emitted: broadcast::Sender<Vec<u8>>,
    /// By the adapter's own names.
    adapters: Mutex<HashMap<String, mpsc::Sender<ChanItem>>>,
}

impl Default for Ears {
    fn default() -> Self {
        let (news, notices) = (broadcast::Sender::new(NEWS), broadcast::Sender::new(NOTICES));
        let (signs, emitted) = (broadcast::Sender::new(SIGNS), broadcast::Sender::new(EMITTED));
        Self { news, notices, signs, emitted, adapters: Mutex::default() }
    }
}

impl Ears {
    /// Passes a word on; nobody listening is no error.
    pub fn hear(&self, word: Word) {
        let _listeners = match word {
            Word::News(stream, news) => self.news.send((stream, news)).unwrap_or(0),
            Word::Notice(notice) => self.notices.send(notice).unwrap_or(0),
            Word::Sign(user, node, sign) => self.signs.send((user, node, sign)).unwrap_or(0),
            Word::Adapter(channel, bytes) => return self.hear_adapter(channel, bytes),
        };
    }

    pub fn hear_emitter(&self, bytes: Vec<u8>) {
        let _listeners = self.emitted.send(bytes).unwrap_or(0);
    }

    fn hear_adapter(&self, channel: String, bytes: Vec<u8>) {
        let adapters = self.adapters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listener) = adapters.get(&channel)
            && listener.try_send((channel, bytes)).is_err()
        {
            tracing::warn!("more is done to rooms than can be followed");
        }
    }

    /// Hears this channel of the adapter's, up to so many words behind.
    pub fn listen(&self, channel: String, behind: usize) -> mpsc::Receiver<ChanItem> {
        let (sender, receiver) = mpsc::channel(behind);
        self.adapters.lock().unwrap_or_else(PoisonError::into_inner).insert(channel, sender);
        receiver
    }

    pub fn stop_listening(&self, channel: &str) {
        self.adapters.lock().unwrap_or_else(PoisonError::into_inner).remove(channel);
    }

    pub fn listens(&self, channel: &str) -> bool {
        self.adapters.lock().unwrap_or_else(PoisonError::into_inner).contains_key(channel)
    }
}
