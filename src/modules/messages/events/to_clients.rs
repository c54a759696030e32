//! What members are told.

use std::collections::BTreeMap;

use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

use super::super::{dto::MessageDto, entity::MemberRole};
use crate::{
    realtime::ServerEvent,
    wire::{ConversationId, MessageId, Timestamp, UserId},
};

impl ServerEvent for MessageDto {
    const NAME: &'static str = "receiveMessage";
    const SUMMARY: &'static str = "A message was sent to a conversation I have joined";
}

/// Events after which a message is another than it was: all of one shape.
macro_rules! changes {
    ($($(#[$doc:meta])* $event:ident = $name:literal, $summary:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Object, Serialize)]
        #[oai(rename_all = "camelCase", example)]
        #[serde(rename_all = "camelCase")]
        pub struct $event {
            pub conversation_id: ConversationId,
            /// Of this event; `message.seq` is the message's place, which stays.
            pub seq: i64,
            pub at: Timestamp,
            /// Who did it; nobody when it has expired.
            #[oai(nullable)]
            pub actor_id: Option<UserId>,
            /// As it is now.
            pub message: MessageDto,
        }

        impl ServerEvent for $event {
            const NAME: &'static str = $name;
            const SUMMARY: &'static str = $summary;
        }
    )+};
}

changes! {
    /// Its sender has changed what it says.
    MessageEdited = "messageEdited", "A message of a conversation I have joined was edited";
    /// Its place is left, and nothing of its content.
    MessageDeleted = "messageDeleted", "A message of a conversation I have joined was deleted for everyone";
    /// Its time has come: its place is left, and nothing of its content.
    MessageExpired = "messageExpired", "A message of a conversation I have joined has expired";
}

/// I have deleted a message for myself.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct MessageHidden {
    /// In my own stream, not in the conversation's.
    pub seq: i64,
    pub at: Timestamp,
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
}

impl ServerEvent for MessageHidden {
    const NAME: &'static str = "messageHidden";
    const SUMMARY: &'static str = "I have deleted a message for myself, on this device or another";
}

/// A reaction was given or taken back.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct ReactionChanged {
    pub conversation_id: ConversationId,
    pub seq: i64,
    pub at: Timestamp,
    pub message_id: MessageId,
    /// Whose it is.
    pub user_id: UserId,
    pub emoji: String,
    /// False when it was taken back.
    pub on: bool,
    /// How many react with each emoji now.
    pub reactions: BTreeMap<String, i64>,
}

impl ServerEvent for ReactionChanged {
    const NAME: &'static str = "reactionChanged";
    const SUMMARY: &'static str =
        "Somebody reacted to a message of a conversation I have joined, or took it back";
}

/// Something happened that I don't get to see, or that is no longer so. It takes its number, no more.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct Hidden {
    pub conversation_id: ConversationId,
    pub seq: i64,
}

impl ServerEvent for Hidden {
    const NAME: &'static str = "hidden";
    const SUMMARY: &'static str = "Something that isn't for me to see has taken this number";
}

/// Somebody joined or left, or has another role.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct MemberChanged {
    pub conversation_id: ConversationId,
    pub seq: i64,
    /// `memberJoined`, `memberLeft` or `roleChanged`.
    pub kind: String,
    pub at: Timestamp,
    pub user_id: UserId,
    /// What they have become, with `roleChanged`.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<MemberRole>,
    /// Who did it.
    #[oai(nullable)]
    pub actor_id: Option<UserId>,
}

impl ServerEvent for MemberChanged {
    const NAME: &'static str = "memberChanged";
    const SUMMARY: &'static str = "Somebody joined or left a conversation I have joined, or has another role";
}

/// A group has another name.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct ConversationChanged {
    pub conversation_id: ConversationId,
    pub seq: i64,
    /// `conversationRenamed`; more may come.
    pub kind: String,
    pub at: Timestamp,
    pub name: String,
    /// Who did it.
    #[oai(nullable)]
    pub actor_id: Option<UserId>,
}

impl ServerEvent for ConversationChanged {
    const NAME: &'static str = "conversationChanged";
    const SUMMARY: &'static str = "A group I have joined has another name";
}

/// A socket has joined; what it missed is in the answer to its joining.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct JoinedConversation {
    pub conversation_id: ConversationId,
    pub head_seq: i64,
    pub epoch: Uuid,
}

impl ServerEvent for JoinedConversation {
    const NAME: &'static str = "joinedConversation";
    const SUMMARY: &'static str = "This socket has joined; sent after the answer to joining";
}

/// Somebody is typing, or has stopped. Not kept.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct Typing {
    pub conversation_id: ConversationId,
    pub user_id: UserId,
    pub is_typing: bool,
}

impl ServerEvent for Typing {
    const NAME: &'static str = "typing";
    const SUMMARY: &'static str = "Somebody is typing, or has stopped; not kept, and may be lost";
}

/// Something has happened in a conversation of mine that this socket hasn't joined.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    pub conversation_id: ConversationId,
    /// The number of its newest event.
    pub head_seq: i64,
}

impl ServerEvent for Activity {
    const NAME: &'static str = "activity";
    const SUMMARY: &'static str = "A conversation of mine goes on that this socket hasn't joined; not kept, at most one a second of each";
}

/// It has arrived at one of somebody's devices, up to here. The mark is kept, this notice isn't.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct DeliveredMarked {
    pub conversation_id: ConversationId,
    pub user_id: UserId,
    pub seq: i64,
}

impl ServerEvent for DeliveredMarked {
    const NAME: &'static str = "deliveredMarked";
    const SUMMARY: &'static str = "Somebody has got it up to here; the mark is kept, this notice may be lost";
}

/// Somebody has read up to here. The mark is kept, this notice isn't.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct ReadMarked {
    pub conversation_id: ConversationId,
    pub user_id: UserId,
    pub seq: i64,
}

impl ServerEvent for ReadMarked {
    const NAME: &'static str = "readMarked";
    const SUMMARY: &'static str = "Somebody has read up to here; the mark is kept, this notice may be lost";
}
