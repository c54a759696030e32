//! Reacting to a message.

use super::{MessagesService, changing::Held};
use crate::{
    infra::detached::to_the_end,
    modules::messages::{
        dto::MessageDto,
        entity::reactions,
        error::MessageError,
        events::kind,
        store::{FoundMessage, MessagesStore, ReactionRow},
    },
    wire::{ConversationId, Emoji, MessageId, UserId},
};

/// Different emoji at one message.
const MOST_EMOJI: usize = 20;

impl MessagesService {
    /// Gives a reaction, or takes it back. The same again changes nothing and takes no number.
    pub async fn react(
        &self,
        user: UserId,
        id: ConversationId,
        message_id: MessageId,
        emoji: Emoji,
        on: bool,
    ) -> Result<MessageDto, MessageError> {
        let this = self.clone();
        to_the_end(async move { this.react_and_push(user, id, message_id, emoji.into(), on).await }).await
    }

    async fn react_and_push(
        self,
        user: UserId,
        id: ConversationId,
        message_id: MessageId,
        emoji: String,
        on: bool,
    ) -> Result<MessageDto, MessageError> {
        let mut held = self.hold(user, id, message_id).await?;
        let Held { tx, slot, found: FoundMessage { row, .. } } = &mut held;
        let (now, is_mine) = (slot.at, row.mine.contains(&emoji));
        match (row.message.gone(now).is_some(), on) {
            (true, true) => return Err(MessageError::Gone),
            (false, _) if is_mine != on => {}
            // What is gone has no reactions that could be taken back.
            _ => {
                held.tx.rollback().await?;
                return Ok(MessageDto::of(held.found.row, now));
            }
        }
        let counts = &row.message.reactions.0;
        if on && counts.len() >= MOST_EMOJI && !counts.contains_key(&emoji) {
            return Err(MessageError::TooManyEmoji { most: MOST_EMOJI });
        }
        let reaction = reactions::Model {
            conversation_id: id,
            message_id,
            user_id: user,
            emoji: emoji.clone(),
            is_on: on,
            seq: slot.seq,
        };
        MessagesStore::set_reaction(tx, reaction).await?;
        row.message.reactions = MessagesStore::count_reactions(tx, id, message_id).await?;
        match on {
            true => row.mine.push(emoji.clone()),
            false => row.mine.retain(|other| *other != emoji),
        }
        let reaction = ReactionRow { emoji, is_on: on };
        self.record(held, kind::REACTION_CHANGED, user, Some(reaction)).await
    }
}
