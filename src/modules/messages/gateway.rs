//! Conversations over Socket.IO. The events' payloads are at the end of the file.

use std::sync::Arc;

use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;
use validator::Validate;

use super::{
    dto::{CatchUp, EventDto, MessageDto, NewMessage, ReadMarkDto},
    entity::MessageType,
    error::MessageError,
    events::{JoinedConversation, Typing, encode},
    permissions::{ReadMessages, WriteMessages},
    service::MessagesService,
};
use crate::{
    guards::Can,
    problem::Problem,
    realtime::{Client, ClientEvent, Namespace, Reply, ServerEvent, Streams},
    wire::{ConversationId, MessageId},
};

/// Events that the answer to joining holds at most; REST gives the rest.
const JOIN_PAGE: u64 = 100;

/// The events of this feature.
#[derive(Clone)]
pub struct MessagesGateway {
    messages: Arc<MessagesService>,
    streams: Streams,
}

impl MessagesGateway {
    pub fn new(messages: Arc<MessagesService>, streams: Streams) -> Self {
        Self { messages, streams }
    }

    pub fn mount(&self, ns: &mut Namespace) {
        ns.on_replying::<Join, Can<ReadMessages>>((self.clone(), Self::join));
        ns.on::<Leave, Can<ReadMessages>>((self.clone(), Self::leave));
        ns.on::<SendMessage, Can<WriteMessages>>((self.clone(), Self::send));
        ns.on::<MarkRead, Can<ReadMessages>>((self.clone(), Self::mark_read));
        ns.on::<SayTyping, Can<WriteMessages>>((self.clone(), Self::typing));
    }

    /// Follows first and reads then: what happens in between is in the page, or is pushed after the
    /// answer, or both; never neither.
    async fn join(
        self,
        client: Arc<Client>,
        who: Can<ReadMessages>,
        join: JoinPayload,
        reply: Reply,
    ) -> &'static str {
        let JoinPayload { conversation_id: id, after } = join;
        match self.follow_and_read(&client, &who, id, after).await {
            Ok(page) => {
                let head = page.head_seq;
                self.streams.release(id.into(), client.sid(), head, move |still_follows| {
                    answer_join(&client, id, page, still_follows, reply);
                });
                "ok"
            }
            Err(problem) => reply.problem(&problem),
        }
    }

    async fn follow_and_read(
        &self,
        client: &Arc<Client>,
        who: &Can<ReadMessages>,
        id: ConversationId,
        after: Option<i64>,
    ) -> Result<CatchUp, Problem> {
        // Asked before anything is started for it: a stranger's guesses cost one statement.
        self.messages.get(who.user_id, id).await?;
        self.streams.follow(id.into(), client, self.messages.source()).await?;
        let page = match after {
            Some(after) => self.messages.catch_up(who.user_id, id, after, JOIN_PAGE).await,
            None => self.messages.head(who.user_id, id).await,
        };
        if page.is_err() {
            self.streams.leave(id.into(), client);
        }
        Ok(page?)
    }

    async fn leave(
        self,
        client: Arc<Client>,
        _: Can<ReadMessages>,
        leave: LeavePayload,
    ) -> Result<Nothing, Problem> {
        self.streams.leave(leave.conversation_id.into(), &client);
        Ok(Nothing {})
    }

    async fn send(self, _: Arc<Client>, who: Can<WriteMessages>, send: SendPayload) -> Result<Sent, Problem> {
        let SendPayload { conversation_id, message_id, content, kind, reply_to } = send;
        let new = NewMessage { message_id, content, kind, reply_to };
        let (message, _) = self.messages.send(who.user_id, conversation_id, new).await?;
        Ok(Sent { message })
    }

    async fn mark_read(
        self,
        _: Arc<Client>,
        who: Can<ReadMessages>,
        mark: MarkPayload,
    ) -> Result<ReadMarkDto, Problem> {
        let seq = self.messages.mark_read(who.user_id, mark.conversation_id, mark.seq).await?;
        Ok(ReadMarkDto { seq })
    }

    /// Only in a conversation this socket has joined, which is where its membership was checked and
    /// where it is taken away.
    async fn typing(
        self,
        client: Arc<Client>,
        who: Can<WriteMessages>,
        typing: TypingPayload,
    ) -> Result<Nothing, Problem> {
        let TypingPayload { conversation_id, is_typing } = typing;
        if !client.follows(conversation_id.into()) {
            return Err(MessageError::NotFound.into());
        }
        let event = Typing { conversation_id, user_id: who.user_id, is_typing };
        self.streams.ephemeral(conversation_id.into(), Typing::NAME, encode(&event), Some(client.sid()));
        Ok(Nothing {})
    }
}

fn answer_join(client: &Client, id: ConversationId, page: CatchUp, still_follows: bool, reply: Reply) {
    if !still_follows {
        reply.problem(&MessageError::NotFound.into());
        return;
    }
    let CatchUp { items, head_seq, epoch, has_more, resync } = page;
    reply.data(&Joined { head_seq, epoch, events: items, has_more, resync });
    let event = JoinedConversation { conversation_id: id, head_seq, epoch };
    if client.push(JoinedConversation::NAME, &encode(&event)).is_err() {
        tracing::debug!(sid = %client.sid(), "it joined and was gone");
    }
}

macro_rules! client_event {
    ($event:ident = $name:literal, $summary:literal, $payload:ty => $ack:ty) => {
        struct $event;
        impl ClientEvent for $event {
            const NAME: &'static str = $name;
            const SUMMARY: &'static str = $summary;
            type Payload = $payload;
            type Ack = $ack;
        }
    };
}

client_event!(Join = "joinConversation", "Follow a conversation, and get what came after a place", JoinPayload => Joined);
client_event!(Leave = "leaveConversation", "Stop following a conversation", LeavePayload => Nothing);
client_event!(SendMessage = "sendMessage", "Send a message; answered once it is stored", SendPayload => Sent);
client_event!(MarkRead = "markRead", "Move my read mark forward", MarkPayload => ReadMarkDto);
client_event!(SayTyping = "typing", "Tell the others that I am typing, or have stopped", TypingPayload => Nothing);

#[derive(Object, Validate)]
#[oai(rename = "JoinConversation", rename_all = "camelCase", deny_unknown_fields)]
struct JoinPayload {
    conversation_id: ConversationId,
    /// The seq of the last event I have; absent: only what is to come.
    #[oai(validator(minimum(value = "0")))]
    after: Option<i64>,
}

/// What came after the place, and where the stream is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Joined {
    head_seq: i64,
    epoch: Uuid,
    events: Vec<EventDto>,
    has_more: bool,
    resync: bool,
}

#[derive(Object, Validate)]
#[oai(rename = "LeaveConversation", rename_all = "camelCase", deny_unknown_fields)]
struct LeavePayload {
    conversation_id: ConversationId,
}

#[derive(Object, Validate)]
#[oai(rename = "SendMessage", rename_all = "camelCase", deny_unknown_fields)]
struct SendPayload {
    conversation_id: ConversationId,
    message_id: MessageId,
    #[oai(validator(min_length = 1, max_length = 10000, pattern = r"\S"))]
    content: String,
    #[oai(rename = "type")]
    kind: Option<MessageType>,
    reply_to: Option<MessageId>,
}

/// The stored message, with its seq.
#[derive(Serialize)]
struct Sent {
    message: MessageDto,
}

#[derive(Object, Validate)]
#[oai(rename = "MarkReadEvent", rename_all = "camelCase", deny_unknown_fields)]
struct MarkPayload {
    conversation_id: ConversationId,
    #[oai(validator(minimum(value = "0")))]
    seq: i64,
}

#[derive(Object, Validate)]
#[oai(rename = "SayTyping", rename_all = "camelCase", deny_unknown_fields)]
struct TypingPayload {
    conversation_id: ConversationId,
    is_typing: bool,
}

/// Done, and nothing to say.
#[derive(Serialize)]
struct Nothing {}
