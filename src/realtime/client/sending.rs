//! What a socket is sent.

use serde::Serialize;
use serde_json::value::RawValue;
use socketioxide::{SendError, SocketError, extract::AckSender};
use tokio::sync::mpsc::error::TrySendError;

use super::{Client, PushError};
use crate::realtime::{
    Adapter, Packet,
    parser::{Parser, least_bytes, packed},
};

impl Client {
    /// Sends an event that was serialised before.
    pub fn push(&self, name: &str, payload: &RawValue) -> Result<(), PushError> {
        self.pass(&Packet::new(name, payload))
    }

    /// The same, of one that others are sent as well.
    pub fn pass(&self, packet: &Packet<'_>) -> Result<(), PushError> {
        if self.is_revoked() { Err(PushError::Gone) } else { self.tell(packet) }
    }

    /// The same, whatever has become of its session.
    pub(in crate::realtime) fn tell(&self, packet: &Packet<'_>) -> Result<(), PushError> {
        if self.parser == Parser::MsgPack {
            let (payload, bytes) = packet.packed();
            return self.emit(packet.name, payload, bytes);
        }
        if !self.socket.connected() {
            return Err(PushError::Gone);
        }
        let text = packet.text();
        if !self.outbox.owe(text.len()) {
            return Err(PushError::Lagging);
        }
        self.direct.emit(text).map_err(|error| match error {
            TrySendError::Full(()) => PushError::Lagging,
            TrySendError::Closed(()) => PushError::Gone,
        })
    }

    /// Answers an event. Says no when it doesn't read its answers.
    pub(in crate::realtime) fn answer(&self, ack: AckSender<Adapter>, answer: &RawValue) -> bool {
        match self.parser {
            // The number in `431[answer]` counts as one digit: an answer is never counted as more than is sent.
            Parser::Json => self.outbox.owe("431[]".len() + answer.get().len()) && ack.send(answer).is_ok(),
            Parser::MsgPack => {
                let answer = packed(answer);
                self.outbox.owe(least_bytes(&answer)) && ack.send(&answer).is_ok()
            }
        }
    }

    /// Sends an event of about so many bytes, whatever it is made of.
    pub(in crate::realtime) fn send(
        &self,
        name: &str,
        data: &impl Serialize,
        bytes: usize,
    ) -> Result<(), PushError> {
        if self.is_revoked() { Err(PushError::Gone) } else { self.emit(name, data, bytes) }
    }

    fn emit(&self, name: &str, data: &(impl Serialize + ?Sized), bytes: usize) -> Result<(), PushError> {
        if !self.outbox.owe(bytes) {
            return Err(PushError::Lagging);
        }
        match self.socket.emit(name, data) {
            Ok(()) => Ok(()),
            Err(SendError::Socket(SocketError::InternalChannelFull)) => Err(PushError::Lagging),
            Err(error) => {
                tracing::debug!(%error, sid = %self.sid(), "a push failed");
                Err(PushError::Gone)
            }
        }
    }

    /// Sends what may be lost; who doesn't read is cut.
    pub fn pass_or_cut(&self, packet: &Packet<'_>) {
        if self.pass(packet) == Err(PushError::Lagging) {
            self.cut_lagging();
        }
    }
}
