//! A message as its readers get it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;

use crate::{
    modules::messages::{
        entity::{MessageType, Reactions, gone, messages},
        store::{MessageRow, RepliedRow},
    },
    wire::{ConversationId, MessageId, Timestamp, UserId},
};

/// A message. One that was deleted, or has expired, keeps its place, and nothing of its content.
#[derive(Debug, Clone, PartialEq, Object, Serialize)]
#[oai(rename = "Message", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct MessageDto {
    /// The `messageId` its sender chose.
    pub id: MessageId,
    pub conversation_id: ConversationId,
    /// Its place in the conversation.
    pub seq: i64,
    pub sender_id: UserId,
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub kind: MessageType,
    /// Empty where `deletedAt` is set.
    pub content: String,
    #[oai(nullable)]
    pub reply_to: Option<MessageId>,
    /// That message, as it is now; null where it is by somebody whom I have blocked, or I have deleted it for myself.
    #[oai(nullable)]
    pub replied: Option<RepliedDto>,
    /// How many react with each emoji.
    pub reactions: BTreeMap<String, i64>,
    /// Those of mine. Absent when there are none, and in whatever is pushed: that is the same for everybody.
    #[oai(skip_serializing_if_is_empty, default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub my_reactions: Vec<String>,
    pub created_at: Timestamp,
    #[oai(nullable)]
    pub edited_at: Option<Timestamp>,
    /// When it was deleted for everyone, or has expired.
    #[oai(nullable)]
    pub deleted_at: Option<Timestamp>,
    #[oai(nullable)]
    pub expires_at: Option<Timestamp>,
}

/// A message as its replies show it.
#[derive(Debug, Clone, PartialEq, Object, Serialize)]
#[oai(rename = "Replied", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct RepliedDto {
    pub id: MessageId,
    pub sender_id: UserId,
    /// How it begins, 140 characters at most; empty where `deletedAt` is set.
    pub content: String,
    #[oai(nullable)]
    pub deleted_at: Option<Timestamp>,
}

impl MessageDto {
    /// The message as it is at this moment: once it has expired nothing of it is shown, swept or not.
    pub fn of(row: MessageRow, now: DateTime<Utc>) -> Self {
        let MessageRow { message, replied, mine } = row;
        let messages::Model {
            conversation_id,
            message_id,
            seq,
            sender_id,
            kind,
            content,
            reply_to,
            fingerprint: _,
            created_at,
            edited_at,
            deleted_at,
            version: _,
            reactions: Reactions(reactions),
            expires_at,
        } = message;
        let gone = gone(deleted_at, expires_at, now);
        let is_here = gone.is_none();
        Self {
            id: message_id,
            conversation_id,
            seq,
            sender_id,
            kind,
            content: if is_here { content } else { String::new() },
            reply_to: reply_to.filter(|_| is_here),
            replied: replied
                .filter(|replied| is_here && !replied.is_kept)
                .map(|row| RepliedDto::of(row, now)),
            reactions: if is_here { reactions } else { BTreeMap::new() },
            my_reactions: if is_here { mine } else { Vec::new() },
            created_at: created_at.into(),
            edited_at: edited_at.map(Into::into),
            deleted_at: gone.map(Into::into),
            expires_at: expires_at.map(Into::into),
        }
    }
}

impl RepliedDto {
    fn of(row: RepliedRow, now: DateTime<Utc>) -> Self {
        let RepliedRow { id, sender_id, content, deleted_at, expires_at, is_kept: _ } = row;
        let gone = gone(deleted_at, expires_at, now);
        let content = if gone.is_none() { content } else { String::new() };
        Self { id, sender_id, content, deleted_at: gone.map(Into::into) }
    }
}
