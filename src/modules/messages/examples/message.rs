//! Messages, and what happens to them.

use std::collections::BTreeMap;

use poem_openapi::types::Example;

use crate::{
    modules::messages::{
        dto::{MessageDto, NewMessage, ReactionDto, RepliedDto},
        entity::MessageType,
        events::{Hidden, MessageDeleted, MessageEdited, MessageExpired, MessageHidden, ReactionChanged},
    },
    wire::{ConversationId, MessageId, Text, Timestamp, UserId},
};

impl Example for MessageDto {
    fn example() -> Self {
        let NewMessage { message_id, content: Text(content), .. } = NewMessage::example();
        Self {
            id: message_id,
            conversation_id: ConversationId::example(),
            seq: 42,
            sender_id: UserId::example(),
            kind: MessageType::Text,
            content,
            reply_to: None,
            replied: None,
            reactions: reactions(),
            my_reactions: vec!["👍".into()],
            created_at: Timestamp::example(),
            edited_at: None,
            deleted_at: None,
            expires_at: None,
        }
    }
}

impl Example for RepliedDto {
    fn example() -> Self {
        let NewMessage { message_id, content: Text(content), .. } = NewMessage::example();
        Self { id: message_id, sender_id: UserId::example(), content, deleted_at: None }
    }
}

impl Example for ReactionDto {
    fn example() -> Self {
        let (message_id, user_id) = (MessageId::example(), UserId::example());
        Self { message_id, user_id, emoji: "👍".into(), on: true, reactions: reactions() }
    }
}

fn reactions() -> BTreeMap<String, i64> {
    BTreeMap::from([("👍".into(), 2), ("🪺".into(), 1)])
}

impl Example for MessageEdited {
    fn example() -> Self {
        let message = MessageDto { edited_at: Some(Timestamp::example()), ..as_pushed() };
        let (conversation_id, actor_id) = (message.conversation_id, Some(message.sender_id));
        Self { conversation_id, seq: 43, at: Timestamp::example(), actor_id, message }
    }
}

impl Example for MessageDeleted {
    fn example() -> Self {
        let message = tombstone(None);
        let (conversation_id, actor_id) = (message.conversation_id, Some(message.sender_id));
        Self { conversation_id, seq: 43, at: Timestamp::example(), actor_id, message }
    }
}

impl Example for MessageExpired {
    fn example() -> Self {
        let message = tombstone(Some(Timestamp::example()));
        let conversation_id = message.conversation_id;
        Self { conversation_id, seq: 43, at: Timestamp::example(), actor_id: None, message }
    }
}

fn as_pushed() -> MessageDto {
    MessageDto { my_reactions: Vec::new(), ..MessageDto::example() }
}

fn tombstone(expires_at: Option<Timestamp>) -> MessageDto {
    let (content, reactions, deleted_at) = (String::new(), BTreeMap::new(), Some(Timestamp::example()));
    MessageDto { content, reactions, deleted_at, expires_at, ..as_pushed() }
}

impl Example for MessageHidden {
    fn example() -> Self {
        let (conversation_id, message_id) = (ConversationId::example(), MessageId::example());
        Self { seq: 7, at: Timestamp::example(), conversation_id, message_id }
    }
}

impl Example for ReactionChanged {
    fn example() -> Self {
        let ReactionDto { message_id, user_id, emoji, on, reactions } = ReactionDto::example();
        let (conversation_id, at) = (ConversationId::example(), Timestamp::example());
        Self { conversation_id, seq: 44, at, message_id, user_id, emoji, on, reactions }
    }
}

impl Example for Hidden {
    fn example() -> Self {
        Self { conversation_id: ConversationId::example(), seq: 45 }
    }
}
