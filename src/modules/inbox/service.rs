use std::sync::Arc;

use super::dto::OwnEventDto;
use crate::{
    problem::Problem,
    realtime::OwnSource,
    wire::{CatchUp, UserId},
};

/// Reading one's own stream.
pub struct InboxService {
    own: Arc<OwnSource>,
}

impl InboxService {
    pub fn new(own: Arc<OwnSource>) -> Self {
        Self { own }
    }

    /// Events after a place, in order.
    pub async fn catch_up(
        &self,
        reader: UserId,
        after: i64,
        limit: u64,
    ) -> Result<CatchUp<OwnEventDto>, Problem> {
        // The head first: what is noted between the two reads is in the page, or there is more.
        let head = self.own.head(reader).await?.head;
        let events = self.own.events(reader, after, limit).await?;
        let items = events.into_iter().map(OwnEventDto::try_from).collect::<Result<_, _>>()?;
        Ok(CatchUp::new(after, head, items, |event: &OwnEventDto| event.seq))
    }
}
