//! What the documents show.

mod message;

use poem_openapi::types::Example;
use uuid::{Uuid, uuid};

use super::{
    dto::{
        ConversationDto, ConversationEdit, DeliveredMark, EventDto, MemberDto, MessageDto, MessageEdit, Mute,
        MyReadMark, NewConversation, NewMembers, NewMessage, ReadMark, RoleChange,
    },
    entity::{ConversationKind, MemberRole, MessageType},
    events::{
        Activity, ConversationChanged, DeletePayload, DeliveredMarked, DeliveredPayload, EditPayload,
        JoinPayload, Joined, JoinedConversation, LeavePayload, MarkPayload, MemberChanged, ReactPayload,
        ReadMarked, SendPayload, Sent, Typing, TypingPayload, kind,
    },
};
use crate::{
    modules::users::AuthorDto,
    wire::{CatchUp, ConversationId, Emoji, MessageId, Text, Timestamp, UserId},
};

const EPOCH: Uuid = uuid!("01980a1e-7c00-7000-8000-0000000000ee");

impl Example for NewConversation {
    fn example() -> Self {
        Self { member_ids: vec![UserId::example()], name: Some(Text("Rook watch".into())) }
    }
}

impl Example for NewMembers {
    fn example() -> Self {
        Self { user_ids: vec![UserId::example()] }
    }
}

impl Example for RoleChange {
    fn example() -> Self {
        Self { role: MemberRole::Admin }
    }
}

impl Example for ConversationEdit {
    fn example() -> Self {
        Self { name: Text("Rooks and jackdaws".into()) }
    }
}

impl Example for NewMessage {
    fn example() -> Self {
        Self {
            message_id: MessageId::example(),
            content: Text("They are nesting.".into()),
            kind: Some(MessageType::Text),
            reply_to: None,
            expires_in_secs: None,
        }
    }
}

impl Example for MessageEdit {
    fn example() -> Self {
        Self { content: Text("They have nested.".into()) }
    }
}

impl Example for ReadMark {
    fn example() -> Self {
        Self { seq: 42 }
    }
}

impl Example for DeliveredMark {
    fn example() -> Self {
        Self { seq: 42 }
    }
}

impl Example for Mute {
    fn example() -> Self {
        let until = chrono::DateTime::from_timestamp_millis(4_102_444_800_000).expect("it is a moment");
        Self { until: until.into() }
    }
}

impl Example for MyReadMark {
    fn example() -> Self {
        Self { seq: 42 }
    }
}

impl Example for ConversationDto {
    fn example() -> Self {
        Self {
            id: ConversationId::example(),
            kind: ConversationKind::Group,
            name: Some("Rook watch".into()),
            peer: None,
            member_count: 3,
            role: MemberRole::Owner,
            head_seq: 42,
            last_read_seq: 40,
            unread: 2,
            muted_until: None,
            created_at: Timestamp::example(),
            last_at: Timestamp::example(),
        }
    }
}

impl Example for MemberDto {
    fn example() -> Self {
        Self {
            user: AuthorDto::example(),
            role: MemberRole::Member,
            joined_at: Timestamp::example(),
            last_read_seq: 40,
            last_delivered_seq: 42,
        }
    }
}

impl Example for EventDto {
    fn example() -> Self {
        let message = MessageDto::example();
        Self {
            seq: message.seq,
            kind: kind::MESSAGE.into(),
            at: message.created_at,
            message: Some(message),
            reaction: None,
            user_id: None,
            actor_id: None,
            role: None,
            name: None,
        }
    }
}

impl Example for JoinPayload {
    fn example() -> Self {
        Self { conversation_id: ConversationId::example(), after: Some(41), epoch: Some(EPOCH) }
    }
}

impl Example for Joined {
    fn example() -> Self {
        let CatchUp { items, head_seq, epoch, has_more, resync } = CatchUp::example();
        Self { head_seq, epoch, events: items, has_more, resync }
    }
}

impl Example for LeavePayload {
    fn example() -> Self {
        Self { conversation_id: ConversationId::example() }
    }
}

impl Example for SendPayload {
    fn example() -> Self {
        let NewMessage { message_id, content, kind, reply_to, expires_in_secs } = NewMessage::example();
        let conversation_id = ConversationId::example();
        Self { conversation_id, message_id, content, kind, reply_to, expires_in_secs }
    }
}

impl Example for EditPayload {
    fn example() -> Self {
        let MessageEdit { content } = MessageEdit::example();
        Self { conversation_id: ConversationId::example(), message_id: MessageId::example(), content }
    }
}

impl Example for DeletePayload {
    fn example() -> Self {
        let (conversation_id, message_id) = (ConversationId::example(), MessageId::example());
        Self { conversation_id, message_id, for_everyone: None }
    }
}

impl Example for ReactPayload {
    fn example() -> Self {
        let (conversation_id, message_id) = (ConversationId::example(), MessageId::example());
        Self { conversation_id, message_id, emoji: Emoji::parse("👍").expect("it is one"), on: true }
    }
}

impl Example for Sent {
    fn example() -> Self {
        Self { message: MessageDto::example() }
    }
}

impl Example for Activity {
    fn example() -> Self {
        Self { conversation_id: ConversationId::example(), head_seq: 42 }
    }
}

impl Example for DeliveredPayload {
    fn example() -> Self {
        Self { conversation_id: ConversationId::example(), seq: 42 }
    }
}

impl Example for DeliveredMarked {
    fn example() -> Self {
        Self { conversation_id: ConversationId::example(), user_id: UserId::example(), seq: 42 }
    }
}

impl Example for MarkPayload {
    fn example() -> Self {
        Self { conversation_id: ConversationId::example(), seq: 42 }
    }
}

impl Example for TypingPayload {
    fn example() -> Self {
        Self { conversation_id: ConversationId::example(), is_typing: true }
    }
}

impl Example for MemberChanged {
    fn example() -> Self {
        Self {
            conversation_id: ConversationId::example(),
            seq: 43,
            kind: kind::MEMBER_JOINED.into(),
            at: Timestamp::example(),
            user_id: UserId::example(),
            role: None,
            actor_id: Some(UserId::example()),
        }
    }
}

impl Example for ConversationChanged {
    fn example() -> Self {
        Self {
            conversation_id: ConversationId::example(),
            seq: 44,
            kind: kind::CONVERSATION_RENAMED.into(),
            at: Timestamp::example(),
            name: "Rooks and jackdaws".into(),
            actor_id: Some(UserId::example()),
        }
    }
}

impl Example for JoinedConversation {
    fn example() -> Self {
        Self { conversation_id: ConversationId::example(), head_seq: 42, epoch: EPOCH }
    }
}

impl Example for Typing {
    fn example() -> Self {
        Self { conversation_id: ConversationId::example(), user_id: UserId::example(), is_typing: true }
    }
}

impl Example for ReadMarked {
    fn example() -> Self {
        Self { conversation_id: ConversationId::example(), user_id: UserId::example(), seq: 42 }
    }
}
