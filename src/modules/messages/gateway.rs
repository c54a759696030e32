//! Conversations over Socket.IO.

use std::sync::Arc;

use super::{
    dto::{MessageDto, MyReadMark, NewMessage},
    error::MessageError,
    events::{
        ConversationChanged, Join, JoinPayload, Joined, JoinedConversation, Leave, LeavePayload, MarkPayload,
        MarkRead, MemberChanged, ReadMarked, SayTyping, SendMessage, SendPayload, Sent, Typing,
        TypingPayload,
    },
    permissions::{ReadMessages, WriteMessages},
    service::MessagesService,
};
use crate::{
    guards::Can,
    problem::Problem,
    realtime::{Client, Joining, Namespace, Nothing, Reply, ServerEvent, Streams},
    wire::{CatchUp, ConversationId},
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
        ns.sends::<ConversationChanged>();
        ns.sends::<JoinedConversation>();
        ns.sends::<ReadMarked>();
        ns.sends::<Typing>();
    }

    async fn join(
        self,
        client: Arc<Client>,
        who: Can<ReadMessages>,
        join: JoinPayload,
        reply: Reply,
    ) -> &'static str {
        let JoinPayload { conversation_id: id, after } = join;
        // Asked before anything is started for it: a stranger's guesses cost one statement.
        if let Err(error) = self.messages.get(who.user_id, id).await {
            return reply.problem(&error.into());
        }
        let page = async {
            let page = match after {
                Some(after) => self.messages.catch_up(who.user_id, id, after, JOIN_PAGE).await,
                None => self.messages.head(who.user_id, id).await,
            };
            let CatchUp { items: events, head_seq, epoch, has_more, resync } = page?;
            Ok((head_seq, Joined { head_seq, epoch, events, has_more, resync }))
        };
        let joining = Joining { stream: id.into(), client, source: self.messages.source(), reply };
        self.streams.join(joining, page, move |client, page| tell_joined(client, id, page)).await
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
    ) -> Result<MyReadMark, Problem> {
        let seq = self.messages.mark_read(who.user_id, mark.conversation_id, mark.seq).await?;
        Ok(MyReadMark { seq })
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
        // It isn't kept, and who asks for more than others can see isn't told that they don't.
        if !client.may_say_typing(conversation_id.into(), is_typing) {
            return Ok(Nothing {});
        }
        let event = Typing { conversation_id, user_id: who.user_id, is_typing };
        self.streams.ephemeral(conversation_id.into(), Typing::NAME, event.encode(), Some(client.sid()));
        Ok(Nothing {})
    }
}

fn tell_joined(client: &Client, id: ConversationId, page: &Joined) {
    let event = JoinedConversation { conversation_id: id, head_seq: page.head_seq, epoch: page.epoch };
    if client.push(JoinedConversation::NAME, &event.encode()).is_err() {
        tracing::debug!(sid = %client.sid(), "it joined and was gone");
    }
}
