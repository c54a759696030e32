//! Conversations over Socket.IO.

use std::sync::Arc;

use super::{
    dto::{MessageDto, MessageEdit, MyReadMark, NewMessage},
    error::MessageError,
    events::{
        Activity, ConversationChanged, DeleteMessage, DeletePayload, DeliveredMarked, DeliveredPayload,
        EditMessage, EditPayload, Hidden, Join, JoinPayload, Joined, JoinedConversation, Leave, LeavePayload,
        MarkDelivered, MarkPayload, MarkRead, MemberChanged, MessageDeleted, MessageEdited, MessageExpired,
        MessageHidden, React, ReactPayload, ReactionChanged, ReadMarked, SayTyping, SendMessage, SendPayload,
        Sent, Typing, TypingPayload,
    },
    permissions::{ReadMessages, WriteMessages},
    service::MessagesService,
};
use crate::{
    guards::Can,
    problem::Problem,
    realtime::{Client, Joining, Namespace, Nothing, Reply, ServerEvent, Streams},
    wire::{CatchUp, ConversationId, IfMatch},
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
        ns.on::<EditMessage, Can<WriteMessages>>((self.clone(), Self::edit));
        ns.on::<DeleteMessage, Can<WriteMessages>>((self.clone(), Self::delete));
        ns.on::<React, Can<WriteMessages>>((self.clone(), Self::react));
        ns.on::<MarkRead, Can<ReadMessages>>((self.clone(), Self::mark_read));
        ns.on::<MarkDelivered, Can<ReadMessages>>((self.clone(), Self::mark_delivered));
        ns.on::<SayTyping, Can<WriteMessages>>((self.clone(), Self::typing));
        ns.sends::<MessageDto>();
        ns.sends::<MessageEdited>();
        ns.sends::<MessageDeleted>();
        ns.sends::<MessageExpired>();
        ns.sends::<MessageHidden>();
        ns.sends::<ReactionChanged>();
        ns.sends::<MemberChanged>();
        ns.sends::<ConversationChanged>();
        ns.sends::<JoinedConversation>();
        ns.sends::<ReadMarked>();
        ns.sends::<Activity>();
        ns.sends::<DeliveredMarked>();
        ns.sends::<Typing>();
        ns.sends::<Hidden>();
    }

    async fn join(
        self,
        client: Arc<Client>,
        who: Can<ReadMessages>,
        join: JoinPayload,
        reply: Reply,
    ) -> &'static str {
        let JoinPayload { conversation_id: id, after, epoch: known } = join;
        // Asked before anything is started for it: a stranger's guesses cost one statement. And before anything is
        // pushed: what those write whom they have blocked is none of it.
        let asked = client.blocked.ask();
        match self.messages.admit(who.user_id, id).await {
            Ok(blocked) => _ = client.blocked.learn(asked, blocked),
            Err(error) => return reply.problem(&error.into()),
        }
        let page = async {
            let page = match after {
                Some(after) => self.messages.catch_up(who.user_id, id, after, JOIN_PAGE).await,
                None => self.messages.head(who.user_id, id).await,
            };
            let CatchUp { items, head_seq, epoch, has_more, resync } = page?;
            let resync = resync || known.is_some_and(|known| known != epoch);
            // What came after a place of another life isn't what came after it.
            let events = if resync { Vec::new() } else { items };
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
        let SendPayload { conversation_id, message_id, content, kind, reply_to, expires_in_secs } = send;
        let new = NewMessage { message_id, content, kind, reply_to, expires_in_secs };
        let (message, _) = self.messages.send(who.user_id, conversation_id, new).await?;
        Ok(Sent { message })
    }

    async fn edit(self, _: Arc<Client>, who: Can<WriteMessages>, edit: EditPayload) -> Result<Sent, Problem> {
        let EditPayload { conversation_id, message_id, content } = edit;
        let (edit, any) = (MessageEdit { content }, IfMatch::any());
        let (message, _) = self.messages.edit(who.user_id, conversation_id, message_id, edit, any).await?;
        Ok(Sent { message })
    }

    async fn delete(
        self,
        _: Arc<Client>,
        who: Can<WriteMessages>,
        delete: DeletePayload,
    ) -> Result<Nothing, Problem> {
        let DeletePayload { conversation_id: id, message_id, for_everyone } = delete;
        match for_everyone.unwrap_or(true) {
            true => self.messages.delete(who.user_id, id, message_id, IfMatch::any()).await?,
            false => self.messages.hide(who.user_id, id, message_id).await?,
        }
        Ok(Nothing {})
    }

    async fn react(
        self,
        _: Arc<Client>,
        who: Can<WriteMessages>,
        react: ReactPayload,
    ) -> Result<Sent, Problem> {
        let ReactPayload { conversation_id: id, message_id, emoji, on } = react;
        let message = self.messages.react(who.user_id, id, message_id, emoji, on).await?;
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

    async fn mark_delivered(
        self,
        _: Arc<Client>,
        who: Can<ReadMessages>,
        mark: DeliveredPayload,
    ) -> Result<MyReadMark, Problem> {
        let seq = self.messages.mark_delivered(who.user_id, mark.conversation_id, mark.seq).await?;
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
        self.streams.ephemeral(conversation_id.into(), &event, who.user_id, Some(client.sid()));
        Ok(Nothing {})
    }
}

fn tell_joined(client: &Client, id: ConversationId, page: &Joined) {
    let event = JoinedConversation { conversation_id: id, head_seq: page.head_seq, epoch: page.epoch };
    if client.push(JoinedConversation::NAME, &event.encode()).is_err() {
        tracing::debug!(sid = %client.sid(), "it joined and was gone");
    }
}
