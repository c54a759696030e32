//! Conversations over Socket.IO.

use std::sync::Arc;

use super::{
    dto::{CatchUp, MessageDto, NewMessage, ReadMarkDto},
    error::MessageError,
    events::{
        Join, JoinPayload, Joined, JoinedConversation, Leave, LeavePayload, MarkPayload, MarkRead,
        MemberChanged, ReadMarked, SayTyping, SendMessage, SendPayload, Sent, Typing, TypingPayload, encode,
    },
    permissions::{ReadMessages, WriteMessages},
    service::MessagesService,
};
use crate::{
    guards::Can,
    problem::Problem,
    realtime::{Client, Namespace, Nothing, Reply, ServerEvent, Streams},
    wire::ConversationId,
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
        ns.sends::<MessageDto>();
        ns.sends::<MemberChanged>();
        ns.sends::<JoinedConversation>();
        ns.sends::<ReadMarked>();
        ns.sends::<Typing>();
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
