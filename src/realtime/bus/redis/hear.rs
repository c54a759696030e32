//! What Redis says unasked: words of the other nodes, and that a connection is of no use any more.

use redis::{PushInfo, PushKind, Value};
use uuid::Uuid;

use super::Inner;
use crate::realtime::bus::{
    channel::Channel,
    word::{News, ToAll, Word, split},
};

impl Inner {
    /// Takes what Redis says unasked; nothing when the connection is of no use any more.
    pub(super) fn hear(&self, info: PushInfo) -> Option<()> {
        if let (PushKind::PMessage, Some(Value::BulkString(bytes))) = (&info.kind, info.data.get(2)) {
            self.metrics.bus_heard.inc();
            self.ears.hear_emitter(bytes.clone());
            return Some(());
        }
        let channel = match info.data.first() {
            Some(Value::BulkString(name)) => Channel::of(name, self.redis.prefix()),
            _ => None,
        };
        match (info.kind, channel, info.data.get(1)) {
            (PushKind::Disconnection, ..) => None,
            // Not by our own wish: its slot has gone to another server.
            (PushKind::SUnsubscribe, Some(channel), _) if self.outbox.follows(&channel) => None,
            (PushKind::Message | PushKind::SMessage, Some(channel), Some(Value::BulkString(bytes))) => {
                if let Err(error) = self.understand(channel, bytes) {
                    tracing::debug!(%error, "a word on the bus isn't known here");
                }
                Some(())
            }
            _ => Some(()),
        }
    }

    fn understand(&self, channel: Channel, bytes: &[u8]) -> serde_json::Result<()> {
        let Some((from, text)) = split(bytes).filter(|(from, _)| *from != self.node) else { return Ok(()) };
        self.metrics.bus_heard.inc();
        match channel {
            Channel::All => self.hear_all(from, text)?,
            Channel::Stream(stream) => self.ears.hear(Word::News(stream, News::decode(text)?)),
            Channel::Person(user) => {
                self.ears.hear(Word::Sign(user, from, serde_json::from_slice(text)?));
            }
            Channel::Pattern(_) => {}
            Channel::Adapter(name) => self.ears.hear(Word::Adapter(name, text.to_vec())),
        }
        Ok(())
    }

    fn hear_all(&self, from: Uuid, text: &[u8]) -> serde_json::Result<()> {
        match serde_json::from_slice(text)? {
            ToAll::Notice(notice) => self.ears.hear(Word::Notice(notice)),
            ToAll::Bye => self.peers.left(from),
            // One that is new has heard of nobody yet.
            ToAll::Here if self.peers.heard(from) => {
                self.lost(self.outbox.lasting(Channel::All, ToAll::Here.encode(self.node)));
            }
            ToAll::Here => {}
        }
        Ok(())
    }
}
