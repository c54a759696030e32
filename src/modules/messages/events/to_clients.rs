//! What members are told.

use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

use super::super::{dto::MessageDto, entity::MemberRole};
use crate::{
    realtime::ServerEvent,
    wire::{ConversationId, Timestamp, UserId},
};

impl ServerEvent for MessageDto {
    const NAME: &'static str = "receiveMessage";
    const SUMMARY: &'static str = "A message was sent to a conversation I have joined";
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
