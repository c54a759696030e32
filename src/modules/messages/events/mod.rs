//! The events of conversations: what clients may ask, what leaves through the conversation's stream, and
//! what is only broadcast.

mod from_clients;
mod to_clients;

use chrono::{DateTime, Utc};

use super::{
    dto::{EventDto, MessageDto, ReactionDto},
    store::{EventRow, MessageRow},
};
use crate::{
    realtime::{Pushed, ServerEvent},
    wire::{ConversationId, UserId},
};

pub use from_clients::{
    DeleteMessage, DeletePayload, DeliveredPayload, EditMessage, EditPayload, Join, JoinPayload, Joined,
    Leave, LeavePayload, MarkDelivered, MarkPayload, MarkRead, React, ReactPayload, SayTyping, SendMessage,
    SendPayload, Sent, TypingPayload,
};
pub use to_clients::{
    Activity, ConversationChanged, DeliveredMarked, Hidden, JoinedConversation, MemberChanged,
    MessageDeleted, MessageEdited, MessageExpired, MessageHidden, ReactionChanged, ReadMarked, Typing,
};

/// The kinds of events.
pub mod kind {
    pub const MESSAGE: &str = "message";
    pub const MESSAGE_EDITED: &str = "messageEdited";
    pub const MESSAGE_DELETED: &str = "messageDeleted";
    pub const MESSAGE_EXPIRED: &str = "messageExpired";
    pub const REACTION_CHANGED: &str = "reactionChanged";
    pub const MEMBER_JOINED: &str = "memberJoined";
    pub const MEMBER_LEFT: &str = "memberLeft";
    pub const ROLE_CHANGED: &str = "roleChanged";
    pub const CONVERSATION_RENAMED: &str = "conversationRenamed";
    /// In the stream of who has deleted it for themselves.
    pub const MESSAGE_HIDDEN: &str = "messageHidden";
    /// Never stored: what an event is to a reader who doesn't get what it is about.
    pub const HIDDEN: &str = "hidden";

    /// Those that a conversation's stream holds.
    pub const OF_CONVERSATIONS: [&str; 9] = [
        MESSAGE,
        MESSAGE_EDITED,
        MESSAGE_DELETED,
        MESSAGE_EXPIRED,
        REACTION_CHANGED,
        MEMBER_JOINED,
        MEMBER_LEFT,
        ROLE_CHANGED,
        CONVERSATION_RENAMED,
    ];

    /// Those whose subject is a message.
    pub const ABOUT_MESSAGES: [&str; 5] =
        [MESSAGE, MESSAGE_EDITED, MESSAGE_DELETED, MESSAGE_EXPIRED, REACTION_CHANGED];
}

/// A message as it is pushed when it was sent.
pub fn sent(message: &MessageDto) -> Pushed {
    let quoting = message.replied.as_ref().map(|replied| {
        let without = MessageDto { replied: None, ..message.clone() };
        (replied.sender_id, without.encode())
    });
    let authors = [Some(message.sender_id), None];
    Pushed { authors, quoting, ..Pushed::of(message.seq, message) }
}

/// An event as it is pushed at this moment; the same for one that was just committed and one that was read.
pub fn pushed(conversation_id: ConversationId, row: EventRow, now: DateTime<Utc>) -> Pushed {
    // What becomes of the group is everybody's to know.
    let Some(message) = &row.message else { return shown(conversation_id, row, now) };
    let authors = [Some(message.message.sender_id), row.actor_id];
    let quoting = message.replied.as_ref().map(|replied| {
        let without = Some(MessageRow { replied: None, ..message.clone() });
        let without = EventRow { message: without, ..row.clone() };
        (replied.sender_id, shown(conversation_id, without, now).payload)
    });
    Pushed { authors, quoting, ..shown(conversation_id, row, now) }
}

fn shown(conversation_id: ConversationId, row: EventRow, now: DateTime<Utc>) -> Pushed {
    let (seq, removes) = (row.seq, (row.kind == kind::MEMBER_LEFT).then_some(UserId(row.subject_id)));
    let EventDto { kind, at, message, reaction, user_id, actor_id, role, name, .. } = EventDto::of(row, now);
    if let Some(name) = name {
        return Pushed::of(seq, &ConversationChanged { conversation_id, seq, kind, at, name, actor_id });
    }
    match (kind.as_str(), message, reaction, user_id) {
        (kind::MESSAGE, Some(message), ..) => Pushed::of(seq, &message),
        (kind::MESSAGE_EDITED, Some(message), ..) => {
            Pushed::of(seq, &MessageEdited { conversation_id, seq, at, actor_id, message })
        }
        (kind::MESSAGE_DELETED, Some(message), ..) => {
            Pushed::of(seq, &MessageDeleted { conversation_id, seq, at, actor_id, message })
        }
        (kind::MESSAGE_EXPIRED, Some(message), ..) => {
            Pushed::of(seq, &MessageExpired { conversation_id, seq, at, actor_id, message })
        }
        (kind::REACTION_CHANGED, _, Some(reaction), _) => {
            let ReactionDto { message_id, user_id, emoji, on, reactions } = reaction;
            let event =
                ReactionChanged { conversation_id, seq, at, message_id, user_id, emoji, on, reactions };
            Pushed::of(seq, &event)
        }
        (_, _, _, Some(user_id)) => {
            let event = MemberChanged { conversation_id, seq, kind, at, user_id, role, actor_id };
            Pushed { removes, ..Pushed::of(seq, &event) }
        }
        _ => Pushed::of(seq, &Hidden { conversation_id, seq }),
    }
}
