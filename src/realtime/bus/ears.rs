//! What a node hears, and who listens.

use tokio::sync::broadcast;

use super::word::{News, Notice, Word};
use crate::wire::StreamId;

/// News that a slow listener may be behind; further back it asks the database.
const NEWS: usize = 4096;
/// They are few.
const NOTICES: usize = 1024;

pub struct Ears {
    pub news: broadcast::Sender<(StreamId, News)>,
    pub notices: broadcast::Sender<Notice>,
}

impl Default for Ears {
    fn default() -> Self {
        Self { news: broadcast::Sender::new(NEWS), notices: broadcast::Sender::new(NOTICES) }
    }
}

impl Ears {
    /// Passes a word on; nobody listening is no error.
    pub fn hear(&self, word: Word) {
        let _listeners = match word {
            Word::News(stream, news) => self.news.send((stream, news)).unwrap_or(0),
            Word::Notice(notice) => self.notices.send(notice).unwrap_or(0),
        };
    }
}
