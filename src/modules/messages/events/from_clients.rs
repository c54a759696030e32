//! What clients may ask over a socket, and what they are answered.

use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;
use validator::Validate;

use super::super::{
    dto::{EventDto, MessageDto, MyReadMark},
    entity::MessageType,
    error::{
        BlockedThem, MessageGone, MessageIdTaken, NotTheSender, TooLateToEdit, TooManyEmoji, Unreachable,
    },
};
use crate::{
    problem::codes::{NotFound, TooManyFollowed},
    realtime::{ClientEvent, Nothing, Pace},
    wire::{ConversationId, Emoji, MessageId, Text},
};

/// `joinConversation`.
pub struct Join;

impl ClientEvent for Join {
    const NAME: &'static str = "joinConversation";
    const SUMMARY: &'static str = "Follow a conversation, and get what came after a place";
    type Payload = JoinPayload;
    type Ack = Joined;
    type Refusals = (NotFound, TooManyFollowed);
    const PACE: Pace = Pace::JOINING;
}

/// `leaveConversation`.
pub struct Leave;

impl ClientEvent for Leave {
    const NAME: &'static str = "leaveConversation";
    const SUMMARY: &'static str = "Stop following a conversation";
    type Payload = LeavePayload;
    type Ack = Nothing;
    type Refusals = ();
}

/// `sendMessage`.
pub struct SendMessage;

impl ClientEvent for SendMessage {
    const NAME: &'static str = "sendMessage";
    const SUMMARY: &'static str = "Send a message; answered once it is stored";
    type Payload = SendPayload;
    type Ack = Sent;
    type Refusals = (NotFound, MessageIdTaken, BlockedThem, Unreachable);
    const PACE: Pace = Pace::QUEUED;
}

/// `editMessage`.
pub struct EditMessage;

impl ClientEvent for EditMessage {
    const NAME: &'static str = "editMessage";
    const SUMMARY: &'static str = "Change what my message says; the same again changes nothing";
    type Payload = EditPayload;
    type Ack = Sent;
    type Refusals = (NotFound, NotTheSender, TooLateToEdit, MessageGone);
}

/// `deleteMessage`.
pub struct DeleteMessage;

impl ClientEvent for DeleteMessage {
    const NAME: &'static str = "deleteMessage";
    const SUMMARY: &'static str = "Delete a message for everyone, of which only its place is left, or for me";
    type Payload = DeletePayload;
    type Ack = Nothing;
    type Refusals = (NotFound, NotTheSender);
}

/// `react`.
pub struct React;

impl ClientEvent for React {
    const NAME: &'static str = "react";
    const SUMMARY: &'static str = "React to a message, or take it back; the same again changes nothing";
    type Payload = ReactPayload;
    type Ack = Sent;
    type Refusals = (NotFound, MessageGone, TooManyEmoji);
}

/// `markRead`.
pub struct MarkRead;

impl ClientEvent for MarkRead {
    const NAME: &'static str = "markRead";
    const SUMMARY: &'static str = "Move my read mark forward";
    type Payload = MarkPayload;
    type Ack = MyReadMark;
    type Refusals = NotFound;
}

/// `markDelivered`.
pub struct MarkDelivered;

impl ClientEvent for MarkDelivered {
    const NAME: &'static str = "markDelivered";
    const SUMMARY: &'static str = "Say how far it has arrived here; reading implies it";
    type Payload = DeliveredPayload;
    type Ack = MyReadMark;
    type Refusals = NotFound;
}

/// `typing`.
pub struct SayTyping;

impl ClientEvent for SayTyping {
    const NAME: &'static str = "typing";
    const SUMMARY: &'static str = "Tell the others that I am typing, or have stopped";
    type Payload = TypingPayload;
    type Ack = Nothing;
    type Refusals = NotFound;
    const PACE: Pace = Pace::FLEETING;
}

#[derive(Object, Validate)]
#[oai(
    rename = "JoinConversation",
    rename_all = "camelCase",
    deny_unknown_fields,
    skip_serializing_if_is_none,
    example
)]
pub struct JoinPayload {
    pub conversation_id: ConversationId,
    /// The seq of the last event I have; absent: only what is to come.
    #[oai(validator(minimum(value = "0")))]
    pub after: Option<i64>,
    /// The life of the database that I had it in. When it isn't today's, the answer says `resync`.
    pub epoch: Option<Uuid>,
}

/// What came after the place, and where the stream is.
#[derive(Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct Joined {
    pub head_seq: i64,
    pub epoch: Uuid,
    pub events: Vec<EventDto>,
    pub has_more: bool,
    pub resync: bool,
}

#[derive(Object, Validate)]
#[oai(rename = "LeaveConversation", rename_all = "camelCase", deny_unknown_fields, example)]
pub struct LeavePayload {
    pub conversation_id: ConversationId,
}

#[derive(Object, Validate)]
#[oai(
    rename = "SendMessage",
    rename_all = "camelCase",
    deny_unknown_fields,
    skip_serializing_if_is_none,
    example
)]
pub struct SendPayload {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    #[oai(validator(min_length = 1, max_length = 10000))]
    pub content: Text,
    #[oai(rename = "type")]
    pub kind: Option<MessageType>,
    pub reply_to: Option<MessageId>,
    /// It disappears so many seconds after it was stored; absent: never.
    #[oai(validator(minimum(value = "1"), maximum(value = "31536000")))]
    pub expires_in_secs: Option<u32>,
}

#[derive(Object, Validate)]
#[oai(rename = "EditMessage", rename_all = "camelCase", deny_unknown_fields, example)]
pub struct EditPayload {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    #[oai(validator(min_length = 1, max_length = 10000))]
    pub content: Text,
}

#[derive(Object, Validate)]
#[oai(
    rename = "DeleteMessage",
    rename_all = "camelCase",
    deny_unknown_fields,
    skip_serializing_if_is_none,
    example
)]
pub struct DeletePayload {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    /// True when absent; false deletes it for me only, whoever sent it.
    pub for_everyone: Option<bool>,
}

#[derive(Object, Validate)]
#[oai(rename = "React", rename_all = "camelCase", deny_unknown_fields, example)]
pub struct ReactPayload {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    /// One.
    pub emoji: Emoji,
    /// False takes it back.
    pub on: bool,
}

/// The message as it is now, with its seq.
#[derive(Object, Serialize)]
#[oai(example)]
pub struct Sent {
    pub message: MessageDto,
}

#[derive(Object, Validate)]
#[oai(rename = "MarkReadEvent", rename_all = "camelCase", deny_unknown_fields, example)]
pub struct MarkPayload {
    pub conversation_id: ConversationId,
    #[oai(validator(minimum(value = "0")))]
    pub seq: i64,
}

#[derive(Object, Validate)]
#[oai(rename = "MarkDelivered", rename_all = "camelCase", deny_unknown_fields, example)]
pub struct DeliveredPayload {
    pub conversation_id: ConversationId,
    #[oai(validator(minimum(value = "0")))]
    pub seq: i64,
}

#[derive(Object, Validate)]
#[oai(rename = "SayTyping", rename_all = "camelCase", deny_unknown_fields, example)]
pub struct TypingPayload {
    pub conversation_id: ConversationId,
    pub is_typing: bool,
}
