//! What leaves through the conversation's stream, and what is only broadcast.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{
    dto::{EventDto, MessageDto},
    store::EventRow,
};
use crate::{
    realtime::{Pushed, ServerEvent},
    wire::{ConversationId, Timestamp, UserId},
};

/// The kinds of events that a conversation's stream holds.
pub mod kind {
    pub const MESSAGE: &str = "message";
    pub const MEMBER_JOINED: &str = "memberJoined";
    pub const MEMBER_LEFT: &str = "memberLeft";
}

impl ServerEvent for MessageDto {
    const NAME: &'static str = "receiveMessage";
}

/// Somebody joined or left.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberChanged {
    pub conversation_id: ConversationId,
    pub seq: i64,
    pub kind: String,
    pub at: Timestamp,
    pub user_id: UserId,
    pub actor_id: Option<UserId>,
}

impl ServerEvent for MemberChanged {
    const NAME: &'static str = "memberChanged";
}

/// A socket has joined; what it missed is in the answer to its joining.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinedConversation {
    pub conversation_id: ConversationId,
    pub head_seq: i64,
    pub epoch: uuid::Uuid,
}

impl ServerEvent for JoinedConversation {
    const NAME: &'static str = "joinedConversation";
}

/// Somebody is typing, or has stopped. Not kept.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Typing {
    pub conversation_id: ConversationId,
    pub user_id: UserId,
    pub is_typing: bool,
}

impl ServerEvent for Typing {
    const NAME: &'static str = "typing";
}

/// Somebody has read up to here. The mark is kept, this notice isn't.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadMarked {
    pub conversation_id: ConversationId,
    pub user_id: UserId,
    pub seq: i64,
}

impl ServerEvent for ReadMarked {
    const NAME: &'static str = "readMarked";
}

/// Serialised once, for any number of sockets.
pub fn encode<E: ServerEvent>(event: &E) -> Arc<RawValue> {
    Arc::from(to_raw_value(event).expect("events are plain data"))
}

/// An event as it is pushed; the same for one that was just committed and one that was read.
pub fn pushed(conversation_id: ConversationId, row: EventRow) -> Pushed {
    let (seq, removes) = (row.seq, (row.kind == kind::MEMBER_LEFT).then_some(UserId(row.subject_id)));
    let EventDto { kind, at, message, user_id, actor_id, .. } = row.into();
    match (message, user_id) {
        (Some(message), _) => {
            Pushed { seq, name: MessageDto::NAME, payload: encode(&message), removes: None }
        }
        (None, user_id) => {
            let user_id = user_id.unwrap_or(UserId(uuid::Uuid::nil()));
            let event = MemberChanged { conversation_id, seq, kind, at, user_id, actor_id };
            Pushed { seq, name: MemberChanged::NAME, payload: encode(&event), removes }
        }
    }
}
