//! The events of conversations: what clients may ask, what leaves through the conversation's stream, and
//! what is only broadcast.

mod from_clients;
mod to_clients;

use super::{dto::EventDto, store::EventRow};
use crate::{
    realtime::Pushed,
    wire::{ConversationId, UserId},
};

pub use from_clients::{
    Join, JoinPayload, Joined, Leave, LeavePayload, MarkPayload, MarkRead, SayTyping, SendMessage,
    SendPayload, Sent, TypingPayload,
};
pub use to_clients::{ConversationChanged, JoinedConversation, MemberChanged, ReadMarked, Typing};

/// The kinds of events that a conversation's stream holds.
pub mod kind {
    pub const MESSAGE: &str = "message";
    pub const MEMBER_JOINED: &str = "memberJoined";
    pub const MEMBER_LEFT: &str = "memberLeft";
    pub const ROLE_CHANGED: &str = "roleChanged";
    pub const CONVERSATION_RENAMED: &str = "conversationRenamed";
}

/// An event as it is pushed; the same for one that was just committed and one that was read.
pub fn pushed(conversation_id: ConversationId, row: EventRow) -> Pushed {
    let (seq, removes) = (row.seq, (row.kind == kind::MEMBER_LEFT).then_some(UserId(row.subject_id)));
    let EventDto { kind, at, message, user_id, actor_id, role, name, .. } = row.into();
    if let Some(message) = message {
        return Pushed::of(seq, &message);
    }
    if let Some(name) = name {
        return Pushed::of(seq, &ConversationChanged { conversation_id, seq, kind, at, name, actor_id });
    }
    let user_id = user_id.unwrap_or(UserId(uuid::Uuid::nil()));
    let event = MemberChanged { conversation_id, seq, kind, at, user_id, role, actor_id };
    Pushed { removes, ..Pushed::of(seq, &event) }
}
