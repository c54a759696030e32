//! An event as its readers get it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;

use super::MessageDto;
use crate::{
    modules::messages::{
        entity::MemberRole,
        events::kind,
        store::{EventRow, ReactionRow},
    },
    wire::{MessageId, Timestamp, UserId},
};

/// Something that happened in a conversation.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Event", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct EventDto {
    pub seq: i64,
    /// `message`, `messageEdited`, `messageDeleted`, `messageExpired`, `reactionChanged`, `memberJoined`, `memberLeft`,
    /// `roleChanged`, `conversationRenamed`, or `hidden`, which holds nothing for me; more may come.
    pub kind: String,
    pub at: Timestamp,
    /// The message as it is now.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageDto>,
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaction: Option<ReactionDto>,
    /// Who joined or left, or has another role.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Who did it.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<UserId>,
    /// What they became.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<MemberRole>,
    /// What the group was called from then on.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A reaction that was given or taken back.
#[derive(Debug, Clone, PartialEq, Object, Serialize)]
#[oai(rename = "Reaction", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct ReactionDto {
    pub message_id: MessageId,
    /// Whose it is.
    pub user_id: UserId,
    pub emoji: String,
    /// False when it was taken back.
    pub on: bool,
    /// How many react with each emoji now.
    pub reactions: BTreeMap<String, i64>,
}

impl EventDto {
    pub fn of(row: EventRow, now: DateTime<Utc>) -> Self {
        let EventRow { seq, kind, subject_id, actor_id, at, role, name, message, reaction } = row;
        let event = Self {
            seq,
            kind,
            at: at.into(),
            message: None,
            reaction: None,
            user_id: None,
            actor_id: None,
            role,
            name,
        };
        if !kind::ABOUT_MESSAGES.contains(&event.kind.as_str()) {
            let user_id = event.name.is_none().then_some(UserId(subject_id));
            return Self { user_id, actor_id, ..event };
        }
        let message = message.map(|row| MessageDto::of(row, now));
        match (message, reaction, actor_id) {
            (Some(message), Some(reaction), Some(user_id)) if message.deleted_at.is_none() => {
                let ReactionRow { emoji, is_on: on } = reaction;
                let MessageDto { id: message_id, reactions, .. } = message;
                Self { reaction: Some(ReactionDto { message_id, user_id, emoji, on, reactions }), ..event }
            }
            (Some(message), ..) if event.kind != kind::REACTION_CHANGED => {
                // That it is the sender's goes without saying.
                let actor_id = actor_id.filter(|_| event.kind != kind::MESSAGE);
                Self { message: Some(message), actor_id, ..event }
            }
            _ => Self { kind: kind::HIDDEN.into(), ..event },
        }
    }
}
