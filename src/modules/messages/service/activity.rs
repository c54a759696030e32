//! Telling members' sockets that a conversation goes on which they haven't joined.

use super::MessagesService;
use crate::{
    modules::messages::{error::MessageError, events::Activity},
    realtime::{Packet, ServerEvent},
    wire::ConversationId,
};

/// Conversations whose members are asked for in one statement.
const AT_ONCE: usize = 500;

impl MessagesService {
    /// Tells of all that has grown since this was done last, each conversation once: whoever is a member now, has not
    /// muted it and is connected here, on sockets that haven't joined it. It isn't kept.
    pub async fn tell_activity(&self) -> Result<(), MessageError> {
        let grown = self.streams.take_grown();
        if self.sockets.count() == 0 {
            return Ok(());
        }
        for some in grown.chunks(AT_ONCE) {
            let ids: Vec<ConversationId> = some.iter().map(|(stream, _)| ConversationId(stream.0)).collect();
            let mut members = self.store.listening(&ids, self.clock.now()).await?;
            for (stream, head_seq) in some {
                let id = ConversationId(stream.0);
                let Some(members) = members.remove(&id) else { continue };
                let event = Activity { conversation_id: id, head_seq: *head_seq }.encode();
                let packet = Packet::new(Activity::NAME, &event);
                for client in members.into_iter().flat_map(|user| self.sockets.of_user(user)) {
                    if !client.follows(*stream) {
                        client.pass_or_cut(&packet);
                    }
                }
                // A conversation has a thousand members at most; others' turn is between two.
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }
}
